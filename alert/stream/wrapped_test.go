package stream_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/stream"
)

const oneRecord = "CEF:0|Example|Gate|1|7|drop|5|act=Drop src=192.0.2.7 spt=4711 dst=198.51.100.9 suser=Doe, Jane (AB12) cs1Label=Rule cs1=Guests to office msg=no such port ifname=eth1"

func TestWrappedCEF(t *testing.T) {
	check(t, map[string]example{
		"a record over three lines": {
			"CEF:0|a|b|1|2|c|3|act=Drop \nsrc=192.0.2.7 \n dst=192.0.2.8\nplain\n",
			stream.Limits{},
			[]string{"1:0 CEF:0|a|b|1|2|c|3|act=Drop \nsrc=192.0.2.7 \n dst=192.0.2.8", "4:58 plain"},
		},
		"with carriage returns": {
			"0|a|b|1|2|c|3|act=Drop \r\nsrc=192.0.2.7\r\n",
			stream.Limits{},
			[]string{"1:0 0|a|b|1|2|c|3|act=Drop \r\nsrc=192.0.2.7"},
		},
		"inside a value": {
			"CEF:0|a|b|1|2|c|3|suser=Doe, Jane \n (AB12) spt=4711\n",
			stream.Limits{},
			[]string{"1:0 CEF:0|a|b|1|2|c|3|suser=Doe, Jane \n (AB12) spt=4711"},
		},
		"a line that was whole": {
			"CEF:0|a|b|1|2|c|3|act=Drop\nsrc=192.0.2.7\n",
			stream.Limits{},
			[]string{"1:0 CEF:0|a|b|1|2|c|3|act=Drop", "2:27 src=192.0.2.7"},
		},
		"longer than a record may be": {
			"CEF:0|a|b|1|2|c|3|act=Drop \nsrc=192.0.2.7 \ndst=192.0.2.8\n",
			stream.Limits{Record: 45},
			[]string{"1:0 CEF:0|a|b|1|2|c|3|act=Drop \nsrc=192.0.2.7 ", "3:43 dst=192.0.2.8"},
		},
	})
}

// strangers are lines that may stand behind a CEF record whose line ends in a blank, and are none of it.
var strangers = []string{
	"CEF:0|a|b|1|2|c|3|src=192.0.2.1", "<13>Oct  5 10:00:00 gate CEF:0|a|b|1|2|c|3|src=192.0.2.1", "0|a|b|1|2|c|3|src=192.0.2.1",
	"LEEF:1.0|a|b|1|2|src=192.0.2.1", `{"src":"192.0.2.1"}`, " {\"src\":\"192.0.2.1\"}", "[a] x=1", `"1" "x=1"`, "<Event>", "Oct  5 10:00:00 gate x=1",
	" Oct  5 10:00:00 gate x=1", "2026-10-05T10:00:00Z gate x=1", "date=2026-10-05 time=10:00:00 src=192.0.2.1", "type=SYSCALL msg=audit(1): a=1",
	"id=firewall sn=1 src=192.0.2.1", `src=192.0.2.1 time="2026-10-05 10:00:00"`, "sshd[12]: user=jane", " kernel: IN=eth0 OUT=", "a sentence about x=1", "no pair", "",
}

func TestNoStrangerIsJoined(t *testing.T) {
	for _, line := range strangers {
		b := read(t, strings.NewReader("CEF:0|a|b|1|2|c|3|act=Drop \n"+line+"\n"), stream.Limits{})
		if string(b.Records[0].Raw) != "CEF:0|a|b|1|2|c|3|act=Drop " {
			t.Errorf("%q was joined: %q", line, b.Records[0].Raw)
		}
	}
}

// TestBrokenAnywhere breaks a record before any of its pairs, between strangers: it stays one record.
func TestBrokenAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that runs the same way every time
	for range 200 {
		var in strings.Builder
		words := strings.Split(oneRecord, " ")
		for i, word := range words {
			in.WriteString(word)
			if i+1 < len(words) {
				in.WriteByte(' ')
				if k, _, pair := strings.Cut(words[i+1], "="); pair && k != "" && i > 1 && rng.IntN(2) == 0 {
					in.WriteByte('\n')
				}
			}
		}
		whole, after := in.String(), strangers[rng.IntN(len(strangers)-1)]
		b := read(t, strings.NewReader(whole+" \n"+after+"\nend\n"), stream.Limits{})
		if len(b.Records) == 0 || strings.TrimRight(string(b.Records[0].Raw), " ") != whole {
			t.Fatalf("%q is not one record: %q", whole, tell(b))
		}
	}
}

// FuzzWrapped holds that joining loses no line, moves no break and reads the same in small pieces.
func FuzzWrapped(f *testing.F) {
	for _, s := range strangers {
		f.Add([]byte(s + " \nsrc=192.0.2.1 \n (x) dst=192.0.2.2\n"))
	}
	f.Fuzz(func(t *testing.T, tail []byte) {
		in := append([]byte("plain\nCEF:0|a|b|1|2|c|3|act=Drop \n"), tail...)
		got := read(t, bytes.NewReader(in), stream.Limits{Record: 1 << 9})
		holds(t, in, got)
		for _, line := range covered(in, got) {
			if !strings.HasPrefix(line, "{") {
				t.Errorf("line %q is neither record nor reject", line)
			}
		}
		for _, r := range got.Records {
			if i := bytes.Index(r.Raw, []byte("\nCEF:")); i >= 0 && bytes.HasPrefix(r.Raw, []byte("CEF:")) {
				t.Errorf("two records in one: %q", r.Raw)
			}
		}
		if diff := cmp.Diff(tell(got), tell(read(t, iotest.OneByteReader(bytes.NewReader(in)), stream.Limits{Record: 1 << 9}))); diff != "" {
			t.Error(diff)
		}
	})
}
