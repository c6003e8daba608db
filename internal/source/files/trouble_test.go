package files_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/files"
	"github.com/seed-959697dd/soc/investigate"
)

const planted = "203.0.113.77"

func address() investigate.Query {
	return investigate.Query{Terms: []investigate.Term{{Kind: "ip", Value: planted}}}
}

// ndjson is n records, of which each tenth holds the planted address.
func ndjson(n int) string {
	var b strings.Builder
	for i := range n {
		ip := "10.0.0.1"
		if i%10 == 0 {
			ip = planted
		}
		fmt.Fprintf(&b, `{"time":"2026-03-01T%02d:%02d:00Z","id":"id-%06d","src_ip":%q}`+"\n", i/60%24, i%60, i, ip)
	}
	return b.String()
}

func reasons(a investigate.Answer) (list []string) {
	for _, g := range a.Gaps {
		list = append(list, g.Reason)
	}
	return list
}

// TestDamage asserts that damage is a gap that says where, and that the rest is used.
func TestDamage(t *testing.T) {
	t.Parallel()
	set := formats(t)
	good := ndjson(100)
	for name, c := range map[string]struct {
		text  string
		found int
		gap   string
	}{
		"nothing is wrong":              {good, 10, ""},
		"ends within a record":          {good + `{"id":"id-999999","src_ip":"203.0.113.77"`, 10, "middle of a record on line 101, byte 6940|cannot be read (JSON ends too early) on line 101, byte 6940"},
		"ends within a record, no hit":  {good + `{"id":"id-999999","src_`, 10, "middle of a record on line 101, byte 6940"},
		"ends within a line of text":    {"Mar  1 10:00:00 h sshd[1]: from 203.0.113.77 port 22\nMar  1 10:00:01 h ss", 1, "no end: it may be cut off on line 2"},
		"a broken line":                 {`{"id":"id-999999","src_ip":"203.0.113.77"` + "\n" + good, 10, "cannot be read (JSON ends too early) on line 1, byte 0"},
		"gzip that is cut":              {string(packed([]byte(good)))[:300], -1, "gzip: unexpected EOF"},
		"an array that is cut":          {"[\n" + strings.ReplaceAll(good, "}\n", "},\n"), 10, "array is not closed"},
		"events, the last one cut":      {strings.Repeat("<Event><System><EventID>1</EventID></System><EventData><Data Name=\"Ip\">203.0.113.77</Data></EventData></Event>\n", 3) + "<Event><System>", 3, "event has no end on line 4"},
		"a row of a table that is cut":  {"time,id,ip\n2026-03-01T00:00:00Z,1,203.0.113.77\n2026-03-01T00:00:00Z,2\n", 1, "row has another number of fields than the header on line 3"},
		"an archive":                    {"PK\x03\x04...", 0, "unpack it first"},
		"an event log that is cut":      {"ElfFile\x00" + strings.Repeat("\x00", 4088) + "ElfChnk\x00", 0, "is cut off"},
		"a line longer than any record": {good + strings.Repeat("x", 10<<10) + " " + planted + "\n" + good, 20, "longer than a record may be on line 101, byte 6940"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			o := files.Options{Formats: set, Block: 1 << 10}
			o.Limits.Record = 8 << 10
			found, answer := search(t, open(t, []string{path}, o), address())
			if c.found >= 0 && len(found) != c.found || c.found < 0 && len(found) == 0 {
				t.Errorf("%d records", len(found))
			}
			all := strings.Join(reasons(answer), "\n")
			for part := range strings.SplitSeq(c.gap, "|") {
				if (part == "") != (all == "") || !strings.Contains(all, part) {
					t.Errorf("gaps %q, want %q", all, part)
				}
			}
		})
	}
}

// TestChangedWhileRead changes a file as soon as the first record of it was found.
func TestChangedWhileRead(t *testing.T) {
	t.Parallel()
	set := formats(t)
	for name, c := range map[string]struct {
		change func(path string) error
		gap    string
	}{
		"it grows": {func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("{}\n")
			return errors.Join(err, f.Close())
		}, "grew by 3 bytes while it was read"},
		"it is rotated": {func(path string) error {
			return errors.Join(os.Rename(path, path+".1"), os.WriteFile(path, []byte("{}\n"), 0o600))
		}, "was replaced while it was read"},
		"it is removed": {os.Remove, "was removed or renamed while it was read"},
		"it is emptied": {func(path string) error { return os.Truncate(path, 0) }, "shrank by"},
	} {
		for _, lined := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, line by line %v", name, lined), func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "log")
				text := ndjson(2000)
				if !lined {
					text = "[" + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", ",\n") + "]"
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				s := open(t, []string{path}, files.Options{Formats: set, Block: 4 << 10, Workers: 1})
				once := false
				answer, err := s.Search(t.Context(), address(), func(*alert.Alert) error {
					if once {
						return nil
					}
					once = true
					return c.change(path)
				})
				if err != nil {
					t.Fatal(err)
				}
				if all := strings.Join(reasons(answer), "\n"); !once || !strings.Contains(all, c.gap) {
					t.Errorf("gaps %q", all)
				}
			})
		}
	}
}

// TestUnread asserts that what cannot be opened is a gap where it was met, and an error where it was named and the name is wrong.
func TestUnread(t *testing.T) {
	t.Parallel()
	set, dir := formats(t), t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.ndjson", ndjson(20))
	write("b.ndjson", ndjson(20))
	write("empty", "")
	if err := os.Symlink("a.ndjson", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	s := open(t, []string{filepath.Join(dir, "a.ndjson"), dir, filepath.Join(dir, "*.ndjson")}, files.Options{Formats: set})
	if err := os.Remove(filepath.Join(dir, "b.ndjson")); err != nil {
		t.Fatal(err)
	}
	found, answer := search(t, s, address())
	want := []alert.Gap{
		{Source: filepath.Join(dir, "b.ndjson"), Class: alert.Partial, Reason: "not read: no such file or directory"},
		{Source: filepath.Join(dir, "link"), Class: alert.Partial, Reason: "not read: a link inside a directory is not followed: name it"},
	}
	if diff := cmp.Diff(want, answer.Gaps); diff != "" || len(found) != 2 {
		t.Errorf("%d records, gaps (-want +got):\n%s", len(found), diff)
	}
	if _, err := files.Open([]string{filepath.Join(dir, "nothing")}, files.Options{Formats: set}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that does not exist: %v", err)
	}
	if _, err := files.Open([]string{"-"}, files.Options{Formats: set}); !errors.Is(err, files.ErrOnce) {
		t.Errorf("standard input: %v", err)
	}
}

// TestClosedDirectory is about a directory that may not be read, within one that may.
func TestClosedDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	closed := filepath.Join(dir, "closed")
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "a.ndjson"), []byte(ndjson(20)), 0o600), os.Mkdir(closed, 0)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(closed, 0o700) })
	if _, err := os.ReadDir(closed); err == nil {
		t.Skip("whoever runs this may read everything")
	}
	for _, paths := range [][]string{{dir}, {filepath.Join(dir, "a.ndjson"), closed}} {
		found, answer := search(t, open(t, paths, files.Options{Formats: formats(t)}), address())
		if len(found) != 2 || len(answer.Gaps) != 1 || answer.Gaps[0].Source != closed || !strings.Contains(answer.Gaps[0].Reason, "permission denied") {
			t.Errorf("%d records, gaps %v", len(found), answer.Gaps)
		}
	}
}

// TestManyRecords asserts that more records than may wait for their turn come through, in order, whoever is faster.
func TestManyRecords(t *testing.T) {
	t.Parallel()
	set, dir := formats(t), t.TempDir()
	line := fmt.Sprintf(`{"time":"2026-03-01T10:00:00Z","src_ip":%q,"text":%q}`+"\n", planted, strings.Repeat("x", 4000))
	for i := range 12 {
		text := strings.Repeat(line, 300)
		if i%3 == 0 { // takes one worker longer
			text = "[" + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", ",\n") + "]"
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		found, _ := search(t, open(t, []string{dir}, files.Options{Formats: set, Block: 128 << 10, Workers: 4}), address())
		if len(found) != 3600 || !slices.IsSortedFunc(found, func(a, b string) int { return strings.Compare(filepath.Base(a)[:2], filepath.Base(b)[:2]) }) {
			t.Errorf("%d records", len(found))
		}
	}
}

func TestSearchEnds(t *testing.T) {
	t.Parallel()
	set, dir := formats(t), t.TempDir()
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.ndjson", i)), []byte(ndjson(1000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, []string{dir}, files.Options{Formats: set, Block: 8 << 10})
	enough := errors.New("enough")
	if _, err := s.Search(t.Context(), address(), func(*alert.Alert) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("an error of whom it was found for: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := s.Search(ctx, address(), func(*alert.Alert) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a search that was called back: %v", err)
	}
	if found, _ := search(t, s, address()); len(found) != 2000 {
		t.Errorf("%d records after that", len(found))
	}
}
