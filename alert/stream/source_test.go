package stream_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/stream"
)

// evidence is a directory with files, a hidden one, a subdirectory and links.
func evidence(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range map[string]string{"b.json": "{}", "a.json": "{}", ".hidden": "{}", "sub/c.json": "{}", "odd[1].json": "{}"} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": "a.json", "dirlink": "sub"} {
		if err := os.Symlink(filepath.Join(dir, to), filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	return dir
}

func TestExpand(t *testing.T) {
	t.Parallel()
	dir := evidence(t)
	for name, e := range map[string]struct{ args, want []string }{
		"no argument":      {nil, []string{"-"}},
		"a dash":           {[]string{"a.json", "-"}, []string{"a.json", "-"}},
		"a directory":      {[]string{"."}, []string{".hidden", "a.json", "b.json", "dirlink", "link", "odd[1].json", "sub/c.json"}},
		"a pattern":        {[]string{"*.json"}, []string{"a.json", "b.json", "odd[1].json"}},
		"a name like one":  {[]string{"odd[1].json"}, []string{"odd[1].json"}},
		"a link, named":    {[]string{"link"}, []string{"link"}},
		"a linked folder":  {[]string{"dirlink"}, []string{"dirlink/c.json"}},
		"in order, and so": {[]string{"b.json", "a.json", "b.json"}, []string{"b.json", "a.json", "b.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var args, got []string
			for _, a := range e.args {
				if a != "-" {
					a = filepath.Join(dir, a)
				}
				args = append(args, a)
			}
			sources, err := stream.Expand(args, strings.NewReader(""))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range sources {
				got = append(got, filepath.ToSlash(strings.TrimPrefix(s.Name, dir+string(filepath.Separator))))
			}
			if diff := cmp.Diff(e.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestExpandRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, e := range map[string]struct {
		args    []string
		missing bool
		says    string
	}{
		"a missing file":           {[]string{filepath.Join(dir, "nope")}, true, "nope: "},
		"a pattern without match":  {[]string{filepath.Join(dir, "*.x")}, true, "*.x: nothing matches"},
		"a device":                 {[]string{os.DevNull}, false, "is a device"},
		"standard input, twice":    {[]string{"-", "-"}, false, "only once"},
		"a pattern that is broken": {[]string{filepath.Join(dir, "[")}, true, "no such file, and no pattern either"},
	} {
		_, err := stream.Expand(e.args, strings.NewReader(""))
		if err == nil || errors.Is(err, fs.ErrNotExist) != e.missing || !strings.Contains(err.Error(), e.says) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestSourceOpens(t *testing.T) {
	t.Parallel()
	path := filepath.Join(evidence(t), "a.json")
	sources, err := stream.Expand([]string{path, "-"}, strings.NewReader("{\"stdin\":1}"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sources {
		f, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		p, err := io.ReadAll(f)
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		got = append(got, string(p))
	}
	if diff := cmp.Diff([]string{"{}", `{"stdin":1}`}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := sources[0].Open(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

// TestWanted reads only records that somebody wants, and finds each where reading all of them finds it.
func TestWanted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"lines":    "{\"a\":1}\n{\"a\":2}\n{\"a\":1}\n",
		"array":    "[{\"a\":1},\n{\"a\":2},{\"a\":1}]\n",
		"table":    "a,b,c\n1,2,3\n2,2,3\n1,x,\n",
		"Zeek":     "#separator \\x09\n#fields\ta\tb\n#types\tstring\tstring\n1\tx\n2\ty\n1\tz\n",
		"events":   "<Event>1</Event>\n<Event>2</Event><Event>1</Event>",
		"response": "{\"Records\":[{\"a\":1},{\"a\":2},{\"a\":1}]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := read(t, strings.NewReader(text), stream.Limits{})
			want := slices.DeleteFunc(slices.Clone(all.Records), func(r stream.Record) bool { return !bytes.ContainsRune(r.Raw, '1') })
			src := source(strings.NewReader(text))
			seen := 0
			src.Wanted = func(at int64, text []byte, n int) bool {
				if r := all.Records[seen]; at != r.Offset || !bytes.Equal(text[:n], r.Raw) {
					t.Errorf("asked for %q at %d, which is %q at %d", text[:n], at, r.Raw, r.Offset)
				}
				seen++
				return bytes.ContainsRune(text[:n], '1')
			}
			var got []stream.Record
			err := stream.Read(t.Context(), src, stream.Limits{}, func(b stream.Batch) error {
				got = append(got, b.Records...)
				return nil
			})
			if err != nil || len(got) != 2 {
				t.Fatalf("%d records, %v", len(got), err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
