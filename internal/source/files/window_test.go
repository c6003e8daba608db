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
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/files"
	"github.com/seed-959697dd/soc/investigate"
)

var midnight = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// days is a log of n hours, a record each minute, each hundredth with the planted address; those of late come two hours after their time.
func days(hours int, late func(i int) bool) (lines []string) {
	for i := range hours * 60 {
		at, ip := midnight.Add(time.Duration(i)*time.Minute), "10.0.0.1"
		if i%100 == 0 {
			ip = planted
		}
		if late(i) {
			at = at.Add(-2 * time.Hour)
		}
		lines = append(lines, fmt.Sprintf(`{"time":%q,"id":"id-%06d","src_ip":%q,"text":%q}`, at.Format(time.RFC3339), i, ip, strings.Repeat("x", 200)))
	}
	return lines
}

// TestWindow asks twice, the second time with what is remembered of the file, and wants the same answer. That something is passed over is seen by
// a record that is then put where none of the window can be: nobody looks there.
func TestWindow(t *testing.T) {
	t.Parallel()
	set := formats(t)
	never := func(int) bool { return false }
	for name, c := range map[string]struct {
		lines []string
		skips bool
	}{
		"oldest first":  {days(100, never), true},
		"newest first":  {reversed(days(100, never)), true},
		"some are late": {days(100, func(i int) bool { return i%7 == 1 }), true},
		"in no order":   {shuffled(days(100, never)), false},
		"some have no time": {append(days(100, never), func() (list []string) {
			for i := range 600 {
				list = append(list, fmt.Sprintf(`{"id":"id-%06d","src_ip":%q,"text":%q}`, 900000+i, planted, strings.Repeat("y", 200)))
			}
			return list
		}()...), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			text := strings.Join(c.lines, "\n") + "\n"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, []string{path}, files.Options{Formats: set, Block: 16 << 10, Indexed: 1})
			q := address()
			q.From, q.To = midnight.Add(40*time.Hour), midnight.Add(50*time.Hour)
			first, answer := search(t, s, q)
			if len(first) < 5 || len(answer.Covered) != 1 || answer.Covered[0].Records != int64(len(c.lines)) {
				t.Fatalf("%d records, covered %v", len(first), answer.Covered)
			}
			times := answer.Covered[0].Times
			if len(times) < 20 || !slices.IsSortedFunc(times, time.Time.Compare) || times[len(times)-1].Sub(times[0]) < 95*time.Hour {
				t.Errorf("covered %d times, %v to %v", len(times), times[0], times[len(times)-1])
			}
			second, again := search(t, s, q)
			if diff := cmp.Diff(first, second) + cmp.Diff(answer, again); diff != "" {
				t.Errorf("asked again (-first +second):\n%s", diff)
			}
			st, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			from := "2026-03-04T18:01:00Z\",\"id\":\"id-005401\",\"src_ip\":\"10.0.0.1\",\"text\":\"xxxx"
			to := "2026-03-02T21:01:00Z\",\"id\":\"id-005401\",\"src_ip\":\"" + planted + "\",\"text\":\""
			text = strings.Replace(text, from, to, 1)
			if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, time.Time{}, st.ModTime())); err != nil {
				t.Fatal(err)
			}
			third, _ := search(t, s, q)
			if !strings.Contains(text, to) || (len(third) == len(first)) != c.skips {
				t.Errorf("a record of ours was put where no other of the window is: %d records, then %d", len(first), len(third))
			}
		})
	}
}

func reversed(list []string) []string {
	slices.Reverse(list)
	return list
}

// shuffled is the same lines in an order in which times jump.
func shuffled(list []string) (out []string) {
	for from := range 61 {
		for i := from; i < len(list); i += 61 {
			out = append(out, list[i])
		}
	}
	return out
}

// TestMost asserts that a term which meets too many is counted on, that others still bring theirs, and that it does not depend on who was faster.
func TestMost(t *testing.T) {
	t.Parallel()
	set, dir := formats(t), t.TempDir()
	for i := range 6 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(ndjson(2000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	q := investigate.Query{Most: 25, Terms: []investigate.Term{
		{Kind: "ip", Value: planted}, {Kind: "ip", Value: "10.0.0.1"}, {Kind: "id", Value: "id-001234"}, {Kind: "id", Value: "id-001230"}, {Kind: "process.id", Value: "17"}, {Kind: "user", Value: "x"},
	}}
	var first []string
	for range 6 {
		s := open(t, []string{dir}, files.Options{Formats: set, Block: 4 << 10, Workers: 3})
		found, answer := search(t, s, q)
		if diff := cmp.Diff([]int64{1200, 10800, 6, 6, 0, 0}, answer.Counts); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
		if len(found) != 25+25+6+6 {
			t.Errorf("%d records", len(found))
		}
		if len(answer.Gaps) != 2 || !strings.Contains(answer.Gaps[0].Reason, "1 value was not searched: shorter than 3") {
			t.Errorf("gaps: %v", answer.Gaps)
		}
		if first == nil {
			first = found
		}
		if diff := cmp.Diff(first, found); diff != "" {
			t.Fatalf("another search (-first +another):\n%s", diff)
		}
	}
}

// TestSpellings asserts that a value is found where a log writes it otherwise.
func TestSpellings(t *testing.T) {
	t.Parallel()
	set := formats(t)
	for name, c := range map[string]struct {
		term investigate.Term
		line string
	}{
		"an IPv6 address, shortened":       {investigate.Term{Kind: "ip", Value: "2001:db8:0:0:0:0:0:17"}, `{"ip":"2001:DB8::17"}`},
		"an IPv6 address, in full":         {investigate.Term{Kind: "ip", Value: "2001:db8::17"}, `{"ip":"2001:0db8:0000:0000:0000:0000:0000:0017"}`},
		"an IPv4 address within IPv6":      {investigate.Term{Kind: "ip", Value: "::ffff:203.0.113.7"}, `{"ip":"203.0.113.7"}`},
		"the same the other way round":     {investigate.Term{Kind: "ip", Value: "203.0.113.7"}, `{"ip":"::ffff:203.0.113.7"}`},
		"a name in a DNS server's log":     {investigate.Term{Kind: "domain", Value: "evil.example"}, `3/12/2026 10:00:01 AM 0E38 PACKET  0001D2A3 UDP Rcv 10.0.0.5 a3f1   Q [0001   D   NOERROR] A      (3)www(4)evil(7)example(0)`},
		"a name with the dot of the root":  {investigate.Term{Kind: "domain", Value: "evil.example."}, `{"query":"evil.example"}`},
		"a GUID without its braces":        {investigate.Term{Kind: "process.key", Value: "{F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6}"}, `{"guid":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}`},
		"another script, escaped":          {investigate.Term{Kind: "user", Value: "ПЕТРОВ"}, `{"user":"\u043f\u0435\u0442\u0440\u043e\u0432"}`},
		"a command line with a line break": {investigate.Term{Kind: "process_command", Value: "powershell\n-enc SQBFAFgA"}, `{"cmd":"powershell\n-enc SQBFAFgA"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(c.line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			found, answer := search(t, open(t, []string{path}, files.Options{Formats: set}), investigate.Query{Terms: []investigate.Term{c.term}})
			if len(found) != 1 || len(answer.Gaps) > 0 {
				t.Errorf("%d records, gaps %v", len(found), answer.Gaps)
			}
		})
	}
}

// TestHost asserts that a number that only one machine understands is looked for in records and files of that machine alone.
func TestHost(t *testing.T) {
	t.Parallel()
	set, dir := formats(t), t.TempDir()
	own := filepath.Join(dir, "ws01.example.com")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	line := `{"time":"2026-03-01T10:00:00Z","id":"id-%06d","host":%q,"pid":2211}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "all"), fmt.Appendf(nil, line+line+line, 1, "ws01", 2, "ws02", 3, "WS01.example.com"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(own, "audit.log"), []byte("type=SYSCALL msg=audit(1772359200.000:1): syscall=59 pid=2211 comm=\"id-000004\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var found []string
	_, err := open(t, []string{dir}, files.Options{Formats: set}).Search(context.Background(),
		investigate.Query{Terms: []investigate.Term{{Kind: "process.id", Value: "2211", Host: "WS01.corp.example.com"}}},
		func(a *alert.Alert) error {
			found = append(found, idPattern.FindString(string(a.Raw)))
			return nil
		})
	if diff := cmp.Diff([]string{"id-000001", "id-000003", "id-000004"}, found); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestCommonAndBroken asserts that records of a term that has brought enough leave the same answer whether they were read or not: they
// cannot be parsed, or hold several alerts.
func TestCommonAndBroken(t *testing.T) {
	t.Parallel()
	set, dir := formats(t), t.TempDir()
	for i := range 8 {
		var text strings.Builder
		for k := range 3000 {
			fmt.Fprintf(&text, `{"time":"2026-03-01T10:00:00Z","id":"id-%d-%d","ip":"203.0.113.7"}`, i, k)
			if k%3 == 0 {
				fmt.Fprintf(&text, `{"time":"2026-03-01T10:00:00Z","id":"two-%d-%d","ip":"203.0.113.7"}`, i, k)
			}
			if k%7 == 6 {
				text.WriteString("\n" + `{"ip":"203.0.113.7",,}`)
			}
			text.WriteString("\n")
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	q := investigate.Query{Most: 25, Terms: []investigate.Term{{Kind: "ip", Value: "203.0.113.7"}}}
	var first investigate.Answer
	for i := range 8 {
		found, answer := search(t, open(t, []string{dir}, files.Options{Formats: set, Block: 4 << 10, Workers: 1 + i%4}), q)
		if len(found) != 25 {
			t.Errorf("%d records", len(found))
		}
		if i == 0 {
			first = answer
		}
		if diff := cmp.Diff(first, answer); diff != "" {
			t.Fatalf("another search (-first +another):\n%s", diff)
		}
	}
	if len(first.Gaps) != 1 || !strings.Contains(first.Gaps[0].Reason, "cannot be read") {
		t.Errorf("gaps: %v", first.Gaps)
	}
}
