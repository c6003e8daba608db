package feed_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/read"
	"github.com/seed-959697dd/soc/internal/intel/feed/store"
	"github.com/seed-959697dd/soc/triage"
)

var lines = flag.Int("lines", 200_000, "lines of the feed that the benchmarks use")

var now = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

func text(s string) read.Source {
	return read.Source{Name: "in.txt", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }}
}

// put imports a text as a feed.
func put(t testing.TB, dir, name, s string, change ...func(*feed.Import)) feed.Report {
	t.Helper()
	im := feed.Import{Dir: dir, Name: name, Origin: "in.txt", Sources: []read.Source{text(s)}, Now: now}
	for _, f := range change {
		f(&im)
	}
	rep, err := im.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func open(t testing.TB, dir string) *feed.Set {
	t.Helper()
	s, err := feed.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), s.Err()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// field is a value as an alert holds it.
func field(role alert.Role, typ alert.EntityType, value string) alert.Field {
	return alert.Field{Slot: alert.EntitySlot(role, typ), Trust: alert.Sensor, Path: alert.Path("data." + role.String() + typ.String()), Value: value}
}

// told are the signals of a check, one per line.
func told(c triage.Check, a *alert.Alert) []string {
	var list []string
	c.Check(a, func(s triage.Signal) {
		line := fmt.Sprintf("%+d %s", s.Weight, s.Sentence)
		if s.Hard {
			line += " HARD"
		}
		if s.By != "" {
			line += " BY " + s.By
		}
		for _, r := range s.Receipts {
			line += " <" + r.Source + ">"
		}
		list = append(list, line)
	})
	return list
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "c2", "ip,last_seen,malware,confidence,valid_until\n"+
		"203.0.113.50,2026-03-02,Pikabot,95,\n"+
		"203.0.113.51,2026-01-02,QakBot,95,\n"+
		"203.0.113.52,2026-03-01,Old,95,2026-03-02\n"+
		"198.51.100.53,2026-03-01,Resolver,95,\n"+
		"192.0.2.200,2026-03-01,Own,95,\n"+
		"203.0.113.54,2026-03-02,Valid,95,2026-04-01\n")
	put(t, dir, "late", "ip,first_seen,malware,confidence\n203.0.113.53,2026-03-20,Later,95\n")
	put(t, dir, "links", "url,dateadded\nhttp://files.example.net/a.exe,2026-03-01\nhttp://203.0.113.60:81/i,2026-03-01\nhttps://share.example.org/evil.zip,2026-03-01\n", func(im *feed.Import) { im.Options.Confidence = 90 })
	put(t, dir, "mixed", "203.0.113.50\n198.51.100.0/25\n*.wild.example.com\nexact.example.com\ncve-2026-1234\n"+strings.Repeat("a", 64)+"\nphish@mail.example.com\nmail.example.com\n")
	put(t, dir, "known-good", strings.Repeat("b", 64)+"\n203.0.113.50\n", func(im *feed.Import) { im.Options.Verdict = ioc.Benign })
	put(t, dir, "resolvers", `{"name":"Resolvers","type":"cidr","list":["198.51.100.53/32"],"matching_attributes":["ip-dst"]}`)
	put(t, dir, "sites", `{"name":"Sites","type":"hostname","list":["share.example.org"]}`)
	check := feed.NewCheck(open(t, dir), feed.CheckOptions{Now: now, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Domains: []string{"corp.example.com"}})
	to := func(typ alert.EntityType, value string) alert.Alert {
		return alert.Alert{Time: now, Fields: []alert.Field{field(alert.Target, typ, value)}}
	}
	blocked := alert.Alert{Time: now, Action: alert.Blocked, Fields: []alert.Field{field(alert.Source, alert.IP, "203.0.113.50")}}
	both := alert.Alert{Time: now, Fields: []alert.Field{field(alert.Target, alert.URL, "http://exact.example.com/x"), field(alert.Target, alert.Domain, "exact.example.com"), field(alert.Source, alert.Domain, "EXACT.example.com")}}
	timeless := to(alert.IP, "203.0.113.51")
	timeless.Time = time.Time{}
	dated := func(trust alert.Trust) alert.Alert {
		a := to(alert.IP, "203.0.113.54")
		a.Time = now.AddDate(0, 2, 0)
		a.Fields = append(a.Fields, alert.Field{Slot: alert.SlotTime, Trust: trust, Path: "time", Value: a.Time.Format(time.RFC3339)})
		return a
	}
	excused := alert.Alert{Time: now, Action: alert.Blocked, Fields: append(slices.Clone(blocked.Fields), alert.Field{Slot: alert.SlotAction, Path: "action", Value: "blocked"})}
	written := to(alert.Hash, strings.Repeat("b", 64))
	written.Fields[0].Trust = alert.Attacker
	for name, c := range map[string]struct {
		a    alert.Alert
		want []string
	}{
		"a fresh, confirmed entry that two feeds have": {to(alert.IP, "203.0.113.50"), []string{"+3492 203.0.113.50 is known as malicious to c2, mixed: Pikabot, confidence 95, last seen 1 day before HARD <c2:2> <mixed:1>"}},
		"a stale entry":                       {to(alert.IP, "203.0.113.51"), []string{"+855 203.0.113.51 is known as malicious to c2: QakBot, confidence 95, last seen 60 days before <c2:3>"}},
		"an alert without a time":             {timeless, []string{"+855 203.0.113.51 is known as malicious to c2: QakBot, confidence 95, last seen 60 days before <c2:3>"}},
		"an expired entry":                    {to(alert.IP, "203.0.113.52"), []string{"+3266 203.0.113.52 is known as malicious to c2: Old, confidence 95, last seen 2 days before BY feed c2: expired 2026-03-02 <c2:4>"}},
		"a late alert":                        {dated(alert.Sensor), []string{"+816 203.0.113.54 is known as malicious to c2: Valid, confidence 95, last seen 62 days before BY feed c2: expired 2026-04-01 <c2:7>"}},
		"a late alert that an attacker dates": {dated(alert.Attacker), []string{"+3342 203.0.113.54 is known as malicious to c2: Valid, confidence 95, last seen 1 day before HARD <c2:7>"}},
		"a scanner that says itself that it was turned away": {excused, []string{"+3492 203.0.113.50 is known as malicious to c2, mixed: Pikabot, confidence 95, last seen 1 day before HARD <c2:2> <mixed:1>"}},
		"an entry that came after the alert":                 {to(alert.IP, "203.0.113.53"), []string{"+3420 203.0.113.53 is known as malicious to late: Later, confidence 95, first seen 16 days after HARD <late:2>"}},
		"a warning list":                                     {to(alert.IP, "198.51.100.53"), []string{"+3416 198.51.100.53 is known as malicious to c2, mixed: Resolver, confidence 95, last seen 2 days before BY warning list resolvers <c2:5> <mixed:2>"}},
		"the estate itself":                                  {to(alert.IP, "192.0.2.200"), []string{"+3266 192.0.2.200 is known as malicious to c2: Own, confidence 95, last seen 2 days before BY the estate's own network 192.0.2.0/24 <c2:6>"}},
		"a range":                                            {to(alert.IP, "198.51.100.9"), []string{"+2160 198.51.100.9 lies in 198.51.100.0/25, known as malicious to mixed: confidence 75 <mixed:2>"}},
		"a scanner that was turned away":                     {blocked, []string{"+1746 203.0.113.50 is known as malicious to c2, mixed: Pikabot, confidence 95, last seen 1 day before; it was turned away <c2:2> <mixed:1>"}},
		"a URL":                                              {to(alert.URL, "HTTP://files.example.net:80/a.exe#top"), []string{"+3094 HTTP://files.example.net:80/a.exe#top is known as malicious to links: confidence 90, seen 2 days before HARD <links:2>"}},
		"another URL of a host":                              {to(alert.URL, "http://files.example.net/b"), []string{"+1237 http://files.example.net/b shares its host with http://files.example.net/a.exe, known as malicious to links: confidence 90, seen 2 days before <links:2>"}},
		"the host of a URL":                                  {to(alert.IP, "203.0.113.60"), []string{"+1237 203.0.113.60 shares its host with http://203.0.113.60:81/i, known as malicious to links: confidence 90, seen 2 days before <links:3>"}},
		"malware on a site that everybody visits":            {to(alert.URL, "https://share.example.org/evil.zip"), []string{"+3094 https://share.example.org/evil.zip is known as malicious to links: confidence 90, seen 2 days before HARD <links:4>"}},
		"a site that everybody visits":                       {to(alert.Domain, "share.example.org"), []string{"+1237 share.example.org shares its host with https://share.example.org/evil.zip, known as malicious to links: confidence 90, seen 2 days before BY warning list sites <links:4>"}},
		"something else on that site":                        {to(alert.URL, "https://share.example.org/mine"), []string{"+1237 https://share.example.org/mine shares its host with https://share.example.org/evil.zip, known as malicious to links: confidence 90, seen 2 days before BY warning list sites <links:4>"}},
		"a name below a wild one":                            {to(alert.Domain, "A.b.Wild.example.com."), []string{"+2700 A.b.Wild.example.com. lies under wild.example.com, known as malicious to mixed: confidence 75 <mixed:3>"}},
		"a name below one that is not wild":                  {to(alert.Domain, "a.exact.example.com"), nil},
		"a URL on a known name":                              {to(alert.URL, "https://exact.example.com/"), []string{"+2160 https://exact.example.com/ is on exact.example.com, known as malicious to mixed: confidence 75 <mixed:4>"}},
		"a URL beside its own host, said once":               {both, []string{"+2700 exact.example.com is known as malicious to mixed: confidence 75 <mixed:4>"}},
		"a CVE":                                              {alert.Alert{Time: now, Fields: []alert.Field{{Slot: alert.SlotCVE, Path: "vulnerability.id", Value: "CVE-2026-1234"}}}, []string{"+1500 CVE-2026-1234 is known as malicious to mixed: confidence 75 <mixed:5>"}},
		"a hash":                                             {to(alert.Hash, strings.Repeat("a", 64)), []string{"+2700 " + strings.Repeat("a", 64) + " is known as malicious to mixed: confidence 75 <mixed:6>"}},
		"a mail address":                                     {to(alert.Mail, "Phish@mail.example.com"), []string{"+2700 Phish@mail.example.com is known as malicious to mixed: confidence 75 <mixed:7> <mixed:8>"}},
		"a mail address on a known name":                     {to(alert.Mail, "other@mail.example.com"), []string{"+2160 other@mail.example.com is on mail.example.com, known as malicious to mixed: confidence 75 <mixed:8>"}},
		"a known good file":                                  {to(alert.Hash, strings.Repeat("b", 64)), []string{"-450 " + strings.Repeat("b", 64) + " is known as benign to known-good: confidence 75 <known-good:1>"}},
		"a known good file that an attacker names":           {written, []string{"+0 " + strings.Repeat("b", 64) + " is known as benign to known-good: confidence 75 <known-good:1>"}},
		"a private address":                                  {to(alert.IP, "10.0.0.1"), nil},
		"nothing":                                            {to(alert.Domain, "unknown.example.com"), nil},
		"a host without a dot":                               {to(alert.Domain, "intranet"), nil},
		"a path in a URL's place":                            {to(alert.URL, "/index.html"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, told(check, &c.a)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAge: of two entries that differ in age only the older never counts more, and none counts less than a valid entry may.
func TestAge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rows := "ip,last_seen\n"
	for i := range 400 {
		rows += fmt.Sprintf("203.0.113.%d,%s\n", i%256, now.AddDate(0, 0, -i).Format(time.DateOnly))
		if i == 200 {
			break
		}
	}
	put(t, dir, "aging", rows)
	check := feed.NewCheck(open(t, dir), feed.CheckOptions{})
	last := triage.Weight(1 << 30)
	for i := range 201 {
		a := alert.Alert{Time: now, Fields: []alert.Field{field(alert.Target, alert.IP, fmt.Sprintf("203.0.113.%d", i))}}
		n := 0
		check.Check(&a, func(s triage.Signal) {
			if n++; s.Weight > last || s.Weight < 200 {
				t.Fatalf("after %d days %d, the day before %d", i, s.Weight, last)
			}
			last = s.Weight
		})
		if n != 1 {
			t.Fatalf("%d signals after %d days", n, i)
		}
	}
}

// TestLastGoodCopy: an import that fails, in whatever way, leaves the feed as it was.
func TestLastGoodCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "mine", "203.0.113.9\n203.0.113.10\n")
	for name, im := range map[string]feed.Import{
		"a page":   {Sources: []read.Source{text("<html></html>")}},
		"half":     {Sources: []read.Source{text("203.0.113.1\n"), text(`{"objects":[{"type":"indicator","pattern":"[ipv4-addr:value='203.0.113.2']"},`)}},
		"nothing":  {Sources: []read.Source{text("# none\n")}},
		"a reader": {Sources: []read.Source{{Name: "in", Open: func() (io.ReadCloser, error) { return nil, errors.New("is gone") }}}},
		"a sink":   {Sources: []read.Source{text("203.0.113.1\nwhat\n")}, Reject: func(*read.Reject) error { return errors.New("full") }},
	} {
		im.Dir, im.Name, im.Now = dir, "mine", now
		if _, err := im.Run(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	im := feed.Import{Dir: dir, Name: "mine", Now: now, Sources: []read.Source{text(strings.Repeat("203.0.113.1\n", 5000))}}
	if _, err := im.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if list := open(t, dir).Feeds(); len(list) != 1 || list[0].Entries != 2 {
		t.Fatalf("%+v", list)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 {
		t.Fatal(left)
	}
	if rep := put(t, dir, "mine", "203.0.113.9\n"); rep.Before != 2 {
		t.Fatalf("%+v", rep)
	}
}

// TestFault: a feed that does not open is named, and the others are asked all the same.
func TestFault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "good", "203.0.113.9\n")
	put(t, dir, "bad", "203.0.113.9\n")
	path := filepath.Join(dir, "bad"+store.Suffix)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[140] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if len(s.Faults) != 1 || !errors.Is(s.Faults[0], store.ErrDamaged) || !strings.Contains(s.Faults[0].Error(), "bad.intel") {
		t.Fatal(s.Faults)
	}
	if ans, err := s.Lookup("203.0.113.9"); err != nil || len(ans.Hits) != 1 {
		t.Fatalf("%+v %v", ans, err)
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "mine", "ip,last_seen,valid_until\n203.0.113.1,2026-01-01,2026-02-01\n203.0.113.2,2026-01-01,\n203.0.113.3,2026-03-01,\n")
	for _, c := range []struct {
		before     time.Time
		gone, left int64
	}{{time.Time{}, 1, 2}, {now.AddDate(0, -1, 0), 1, 1}, {time.Time{}, 0, 1}, {now.AddDate(1, 0, 0), 1, 0}} {
		gone, left, err := feed.Expire(dir, "mine", now, c.before)
		if err != nil || gone != c.gone || left != c.left {
			t.Fatalf("%d gone, %d left, %v; want %+v", gone, left, err, c)
		}
	}
	put(t, dir, "mine", "ip,last_seen\n203.0.113.1,2026-01-01\n203.0.113.2,2026-03-01\n203.0.113.3,\n", func(im *feed.Import) { im.Expires = 30 * 24 * time.Hour })
	if gone, left, err := feed.Expire(dir, "mine", now, time.Time{}); gone != 1 || left != 2 || err != nil {
		t.Fatal(gone, left, err)
	}
}

// TestFiles: a MISP feed is the events of its manifest, a directory of warning lists is one feed for each.
func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, s string) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(s), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	id := "99999999-9999-4999-8999-999999999999"
	write("misp/manifest.json", `{"`+id+`":{"info":"x"}}`)
	write("misp/"+id+".json", `{"Event":{"uuid":"`+id+`","Attribute":[{"type":"ip-dst","value":"203.0.113.9","to_ids":true}]}}`)
	write("misp/hashes.csv", "not for us")
	write("lists/a/list.json", `{"name":"List A","type":"string","list":["203.0.113.9"]}`)
	write("lists/b/list.json", `{"name":"List B","type":"string","list":["203.0.113.8"]}`)
	write("plain/one.txt", "203.0.113.1\n")
	write("plain/two.txt", "203.0.113.2\n")
	write("plain/README", "Our own lists.\nAsk the team.\n")
	write("plain/.hidden", "203.0.113.3\n")
	write("escape/manifest.json", `{"../../secret":{}}`)
	sources, apart, err := feed.Files(filepath.Join(dir, "misp"))
	if err != nil || apart || len(sources) != 1 {
		t.Fatal(sources, apart, err)
	}
	out := t.TempDir()
	put(t, out, "misp", "", func(im *feed.Import) { im.Sources = sources })
	if ans, _ := open(t, out).Lookup("203.0.113.9"); len(ans.Hits) != 1 || ans.Hits[0].Place() != "misp/"+id+".json:1" {
		t.Fatalf("%+v", ans)
	}
	if sources, apart, err = feed.Files(filepath.Join(dir, "lists")); err != nil || !apart || len(sources) != 2 {
		t.Fatal(sources, apart, err)
	}
	if sources, apart, err = feed.Files(filepath.Join(dir, "plain")); err != nil || apart || len(sources) != 3 {
		t.Fatal(sources, apart, err)
	}
	rep := put(t, out, "", "", func(im *feed.Import) { im.Sources, im.Origin = sources, filepath.Join(dir, "plain") })
	if rep.Name != "plain" || rep.Entries != 2 || len(rep.Ignored) != 1 || !strings.Contains(rep.Ignored[0], "README") {
		t.Fatalf("%+v", rep)
	}
	if _, _, err := feed.Files(filepath.Join(dir, "escape")); err == nil || !strings.Contains(err.Error(), "no event") {
		t.Fatal(err)
	}
}

func BenchmarkImport(b *testing.B) {
	var s strings.Builder
	for i := range *lines {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&s, "%d.%d.%d.%d\n", 11+i>>24, i>>16&255, i>>8&255, i&255)
		case 1:
			fmt.Fprintf(&s, "host%d.example[.]com\n", i)
		case 2:
			fmt.Fprintf(&s, "http://www%d.example.net/payload/%d.bin\n", i, i)
		}
	}
	b.SetBytes(int64(s.Len()))
	for b.Loop() {
		put(b, b.TempDir(), "big", s.String())
	}
}

// BenchmarkCheck is an alert with seven values against five feeds that know none of them, and one that they know.
func BenchmarkCheck(b *testing.B) {
	dir := b.TempDir()
	for i := range 5 {
		var s strings.Builder
		for k := range *lines / 5 {
			fmt.Fprintf(&s, "*.host%d-%d.example.com\nhttp://www%d.example.net/%d\n", i, k, k, i)
		}
		put(b, dir, fmt.Sprintf("feed%d", i), s.String()+"203.0.113.99\n198.51.100.128/25\n")
	}
	check := feed.NewCheck(open(b, dir), feed.CheckOptions{Now: now})
	miss := alert.Alert{Time: now, Fields: []alert.Field{
		field(alert.Source, alert.IP, "10.1.2.3"), field(alert.Target, alert.IP, "203.0.113.7"), field(alert.Target, alert.Domain, "www.portal.example.org"),
		field(alert.Target, alert.URL, "https://www.portal.example.org/login?next=/"), field(alert.Actor, alert.User, "alice"),
		field(alert.Related, alert.Hash, strings.Repeat("a", 64)), field(alert.Source, alert.Mail, "someone@example.org"),
	}}
	hit := alert.Alert{Time: now, Fields: append([]alert.Field{field(alert.Target, alert.IP, "203.0.113.99")}, miss.Fields...)}
	nothing := alert.Alert{Time: now, Fields: []alert.Field{field(alert.Source, alert.IP, "10.1.2.3"), field(alert.Actor, alert.User, "alice"), field(alert.Target, alert.Host, "ws-12")}}
	for name, a := range map[string]*alert.Alert{"miss": &miss, "hit": &hit, "nothing": &nothing} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				check.Check(a, func(triage.Signal) { n++ })
			}
			if n > 0 != (name == "hit") {
				b.Fatal(n)
			}
		})
	}
}
