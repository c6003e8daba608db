package term_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-959697dd/soc/internal/term"
)

func TestCSVCell(t *testing.T) {
	t.Parallel()
	rows := map[string]struct{ in, want string }{
		"a name":                     {"ws-12", "ws-12"},
		"nothing":                    {"", ""},
		"a formula":                  {`=HYPERLINK("http://example.com")`, `'=HYPERLINK("http://example.com")`},
		"plus, minus, at":            {"+1", "'+1"},
		"a command in dashes":        {"-nop", "'-nop"},
		"an account in another form": {"@SUM(A1)", "'@SUM(A1)"},
		"behind a tab":               {"\t=1", `'\t=1`},
		"behind a carriage return":   {"\r=1", `'\r=1`},
		"behind blanks":              {"  =1", "'  =1"},
		"full-width":                 {"＝1", "'＝1"},
		"an escape sequence":         {"a\x1b[0m", `a\x1b[0m`},
		"an equals sign within":      {"a=b", "a=b"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := term.CSVCell(row.in); got != row.want {
				t.Errorf("CSVCell(%q) = %q, want %q", row.in, got, row.want)
			}
		})
	}
}

func TestWidthCountsColumns(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int{"": 0, "abc": 3, "警告": 4, "café": 4, "cafe\u0301": 4, "🔥": 2, "a·b": 3} {
		if got := term.Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestTruncateKeepsToItsColumns(t *testing.T) {
	t.Parallel()
	rows := []struct {
		in   string
		w    int
		want string
	}{
		{"powershell.exe", 14, "powershell.exe"},
		{"powershell.exe", 13, "powershell..."},
		{"powershell.exe", 3, "..."},
		{"powershell.exe", 2, ".."},
		{"powershell.exe", 0, ""},
		{"powershell.exe", -1, ""},
		{"警告警告", 8, "警告警告"},
		{"警告警告", 7, "警告..."},
		{"警告警告", 6, "警..."},
		{"cafe\u0301 au lait", 7, "cafe\u0301..."},
	}
	for _, row := range rows {
		got := term.Truncate(row.in, row.w)
		if got != row.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", row.in, row.w, got, row.want)
		}
		if n := term.Width(got); n > max(row.w, 0) {
			t.Errorf("Truncate(%q, %d) takes %d columns", row.in, row.w, n)
		}
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	s := term.New(f, f, f, func(string) string { return "" })
	if s.InTTY || s.OutTTY || s.ErrTTY || s.Color {
		t.Errorf("a file counts as a terminal: %+v", s)
	}
	if s.Width != term.DefaultWidth {
		t.Errorf("width %d, want %d", s.Width, term.DefaultWidth)
	}
	if s.In == nil || s.Out == nil || s.Err == nil {
		t.Error("a stream got lost")
	}
}

func TestColumnsSayHowWideAFileIs(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	for columns, want := range map[string]int{"132": 132, "40": 40, "1000": 1000, "39": 80, "1001": 80, "0": 80, "-1": 80, "wide": 80, "": 80} {
		env := map[string]string{"COLUMNS": columns}
		if got := term.New(f, f, f, func(name string) string { return env[name] }).Width; got != want {
			t.Errorf("COLUMNS=%s: width %d, want %d", columns, got, want)
		}
	}
}
