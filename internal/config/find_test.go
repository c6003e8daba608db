package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/config"
)

// estate is a home with a configuration directory, and a working directory.
type estate struct{ xdg, cwd string }

func newEstate(t *testing.T, user, local string) estate {
	t.Helper()
	e := estate{xdg: t.TempDir(), cwd: t.TempDir()}
	put := func(path, text string) {
		if text == "" {
			return
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(e.user(), user)
	put(filepath.Join(e.cwd, config.FileName), local)
	return e
}

func (e estate) user() string { return filepath.Join(e.xdg, "soc", config.FileName) }

func (e estate) env(more map[string]string) func(string) string {
	return func(name string) string {
		if name == "XDG_CONFIG_HOME" {
			return e.xdg
		}
		return more[name]
	}
}

func TestTheOrderOfPlaces(t *testing.T) {
	t.Parallel()
	flag, env := write(t, "policy: {floor: 1}"), write(t, "policy: {floor: 2}")
	e := newEstate(t, "policy: {floor: 3}", "")
	for name, row := range map[string]struct {
		flag  string
		env   map[string]string
		want  string
		floor int
	}{
		"the flag goes first":    {flag, map[string]string{"SOC_CONFIG": env}, flag, 1},
		"then the environment":   {"", map[string]string{"SOC_CONFIG": env}, env, 2},
		"then the user's folder": {"", nil, e.user(), 3},
	} {
		c, used, err := config.Find(row.flag, e.env(row.env), e.cwd)
		if err != nil || !slices.Equal(used, []string{row.want}) || *c.Policy.Floor != row.floor {
			t.Errorf("%s: %v, %v", name, used, err)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	e := newEstate(t, "", "")
	c, used, err := config.Find("", e.env(nil), e.cwd)
	if err != nil || len(used) != 0 || c.Policy != nil {
		t.Errorf("nothing anywhere: %+v, %v, %v", c, used, err)
	}
	none := filepath.Join(e.cwd, "none.yaml")
	if _, _, err := config.Find(none, e.env(nil), e.cwd); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("--config names no file: %v", err)
	}
	if _, _, err := config.Find("", e.env(map[string]string{"SOC_CONFIG": none}), e.cwd); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("$SOC_CONFIG names no file: %v", err)
	}
}

func TestTheWorkingDirectoryMaySetLittle(t *testing.T) {
	t.Parallel()
	e := newEstate(t, "display: {tz: Europe/Berlin, width: 100}\nformats: [own.yaml]\n", "display: {tz: UTC}\nformats: [here.yaml]\n")
	c, used, err := config.Find("", e.env(nil), e.cwd)
	if err != nil {
		t.Fatal(err)
	}
	here, own := filepath.Join(e.cwd, "here.yaml"), filepath.Join(e.xdg, "soc", "own.yaml")
	if c.Display.TZ != "UTC" || c.Display.Width != 100 || !slices.Equal(c.Found, []string{here}) || !slices.Equal(c.Formats, []string{own}) || len(used) != 2 {
		t.Errorf("%+v, %v, %v", c.Display, c.Formats, used)
	}
	for _, key := range []string{"policy", "approvers", "sources", "drivers", "casebook", "precedent", "intel", "models", "triage"} {
		e := newEstate(t, "", "display: {}\n"+key+":\n")
		_, _, err := config.Find("", e.env(nil), e.cwd)
		var wrong *config.Error
		if !errors.As(err, &wrong) || wrong.Line != 2 || wrong.Hint != "soc --config ./soc.yaml ..." || !strings.Contains(wrong.Msg, `key "`+key+`" is not read from the working directory`) {
			t.Errorf("%s: %v", key, err)
		}
		named := filepath.Join(e.cwd, config.FileName)
		if _, used, err := config.Find(named, e.env(nil), e.cwd); err != nil || !slices.Equal(used, []string{named}) {
			t.Errorf("%s, named by --config: %v, %v", key, used, err)
		}
		other := write(t, "display: {}\n")
		if _, used, err := config.Find(other, e.env(nil), e.cwd); err != nil || !slices.Equal(used, []string{other}) {
			t.Errorf("%s, beside another that is named: %v, %v", key, used, err)
		}
	}
}

func TestTheWorkingDirectoryIsNotFollowed(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	e := newEstate(t, "", "")
	if err := os.Symlink(write(t, "display: {}\n"), filepath.Join(e.cwd, config.FileName)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := config.Find("", e.env(nil), e.cwd); err == nil || !strings.Contains(err.Error(), "not a plain file") {
		t.Errorf("a link was read: %v", err)
	}
}
