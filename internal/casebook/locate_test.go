package casebook

import (
	"path/filepath"
	"runtime"
	"testing"
)

func TestWhereTheBookIs(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the paths of the table are not absolute there")
	}
	rows := map[string]struct {
		system string
		env    map[string]string
		want   string
	}{
		"XDG":                 {"linux", map[string]string{"XDG_STATE_HOME": "/state", "HOME": "/home/a"}, "/state"},
		"a relative XDG":      {"linux", map[string]string{"XDG_STATE_HOME": "state", "HOME": "/home/a"}, "/home/a/.local/state"},
		"a home":              {"linux", map[string]string{"HOME": "/home/a"}, "/home/a/.local/state"},
		"macOS":               {"darwin", map[string]string{"HOME": "/Users/a"}, "/Users/a/Library/Application Support"},
		"Windows":             {"windows", map[string]string{"LocalAppData": "/local"}, "/local"},
		"nothing":             {"linux", nil, ""},
		"nothing, on Windows": {"windows", map[string]string{"HOME": "/home/a"}, ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := stateDir(row.system, func(k string) string { return row.env[k] })
			if got != row.want || (err == nil) != (row.want != "") {
				t.Errorf("%q %v, want %q", got, err, row.want)
			}
		})
	}
	env := func(k string) string { return map[string]string{"SOC_BOOK": "b.db", "HOME": "/home/a"}[k] }
	if got, _ := Locate("named.db", env); got != "named.db" {
		t.Errorf("a named book is at %s", got)
	}
	if got, _ := Locate("", env); got != "b.db" {
		t.Errorf("$SOC_BOOK is at %s", got)
	}
	if got, _ := Locate("", func(string) string { return "/x" }); got != filepath.FromSlash("/x") {
		t.Errorf("got %s", got)
	}
}
