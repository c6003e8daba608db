package cmd_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/fake/crowdsec"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// nightshift is an estate in which a machine may learn to act: a firewall, a feed, somebody who is told, and a clock that moves on a
// little whenever it is read.
type nightshift struct {
	office
	env   map[string]string
	ticks atomic.Int64
	crowd *crowdsec.Server
	told  *listener
}

func (n *nightshift) now() time.Time {
	return noon().Add(time.Duration(n.ticks.Add(1)) * time.Millisecond)
}

func (n *nightshift) soc(args ...string) (out, errs string, status int) {
	n.t.Helper()
	return n.types("", args...)
}

// types is soc with something on its standard input.
func (n *nightshift) types(text string, args ...string) (out, errs string, status int) {
	n.t.Helper()
	var stdout, stderr strings.Builder
	status = cmd.Main(n.t.Context(), args, cmd.World{IO: term.IO{In: strings.NewReader(text), Out: &stdout, Err: &stderr, Width: 100}, Env: func(k string) string { return n.env[k] }, Now: n.now})
	return stdout.String(), stderr.String(), status
}

// must runs a command that has to succeed.
func (n *nightshift) must(args ...string) string {
	n.t.Helper()
	out, errs, status := n.soc(args...)
	if status != 0 {
		n.t.Fatalf("soc %s: %d %s", strings.Join(args, " "), status, errs)
	}
	return out
}

func (n *nightshift) file(name string) string { return filepath.Join(n.dir, name) }

func newNightshift(t *testing.T) *nightshift {
	dir := t.TempDir()
	n := &nightshift{office: office{t, dir}, told: &listener{status: 204}}
	n.env = map[string]string{"SOC_CONFIG": n.file("soc.yaml"), "SOC_BOOK": n.file("book.db"), "XDG_STATE_HOME": dir, "USER": "sam"}
	hook := httptest.NewServer(n.told)
	t.Cleanup(hook.Close)
	n.crowd = &crowdsec.Server{Machine: "soc", Password: "lapi-secret", Now: n.now}
	lapi := httptest.NewServer(n.crowd)
	t.Cleanup(lapi.Close)
	n.write("lapi", "lapi-secret")
	key := n.must("respond", "keygen", "--out", n.file("maria.key"), "--name", "maria")
	n.write("soc.yaml", "approvers:\n  "+key+`policy: {routes: {escalate: 0.4}}
respond: {laboratory: [198.51.100.0/24], limits: {per_hour: 100, each: 100}, drills: {block-ip: 192.0.2.9}}
drivers: {crowd: {type: crowdsec, url: "`+lapi.URL+`", password_file: lapi, actions: [block-ip]}}
notify: {night: {type: webhook, url: "`+hook.URL+`", on: [receipt, drift], per_hour: 1000}}
`)
	n.write("bad.txt", "198.51.100.77\n")
	n.must("intel", "import", n.file("bad.txt"), "--name", "bad")
	return n
}

// alert is a failed sign-in, of which nothing is serious but what the feed says of its source.
func (n *nightshift) alert(id int, source string) string {
	return fmt.Sprintf(`{"_id":"w%[1]d","_source":{"@timestamp":"2026-03-03T05:00:00Z","rule":{"id":"5710","level":3,"description":"sshd: Attempt to login using a non-existent user"},"agent":{"name":"web-%[1]d","id":"001"},"data":{"srcip":%[2]q},"manager":{"name":"wz"},"decoder":{"name":"sshd"}}}`+"\n", id, source)
}

// learned gives the casebook a record: so many cases of low severity, in each of which people agreed to block twenty addresses and then confirmed the
// case.
func (n *nightshift) learned(under string, first, cases int) {
	n.t.Helper()
	var text strings.Builder
	for i := range cases {
		text.WriteString(n.alert(first+i, fmt.Sprintf("203.0.113.%d", 1+i%250)))
	}
	n.write("past.json", text.String())
	verdicts := n.must("triage", "--json", n.file("past.json"))
	key, err := sign.ReadKey(n.file("maria.key"))
	if err != nil {
		n.t.Fatal(err)
	}
	book, err := casebook.Open(n.t.Context(), n.file("book.db"), casebook.Options{Now: n.now})
	if err != nil {
		n.t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // every write was committed
	done := 0
	for line := range strings.Lines(verdicts) {
		id := gjson.Get(line, "case").Str
		if gjson.Get(line, "kind").Str != "verdict" || id == "" {
			continue
		}
		s := respond.Situation{Case: id, Severity: "low"}
		for k := range 20 {
			s.Wants = append(s.Wants, respond.Want{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: fmt.Sprintf("9.%d.%d.%d", first%200, done, k+1)}, Why: "a test"})
		}
		p := respond.Propose(s, respond.Settings{Author: "sam", Now: n.now(), Hands: func(string, respond.Target) (respond.Hand, bool) {
			return respond.Hand{Driver: "crowd", Under: under}, true
		}})
		a := respond.Approval{Plan: p.Digest, Risks: []string{"block-ip"}, By: "maria", Key: key.Public().String(), At: n.now()}
		a.Signature = sign.Sign(key, respond.ApprovalContext, a.Payload())
		if err := book.KeepPlan(n.t.Context(), &p); err != nil {
			n.t.Fatal(err)
		}
		if err := book.Approve(n.t.Context(), &a); err != nil {
			n.t.Fatal(err)
		}
		if _, err := book.Decide(n.t.Context(), id, triage.Decision{Disposition: triage.TruePositive, Reason: "seen", Certainty: triage.Confirmed, By: "maria"}); err != nil {
			n.t.Fatal(err)
		}
		done++
	}
	if done != cases {
		n.t.Fatalf("%d cases of %d", done, cases)
	}
}

// under is what is in force, as a plan notes it.
func (n *nightshift) under() string {
	n.t.Helper()
	out := n.must("respond", "plan", "--no-book", "--json", n.write("case.ndjson", `{"kind":"case","version":1,"id":"c-1","severity":"low","recommended":[{"action":"block-ip","target":{"type":"ip","value":"9.9.9.9"},"why":"a test"}]}`))
	v := gjson.Get(out, "actions.0.under").Str
	if v == "" {
		n.t.Fatal(out)
	}
	return v
}

func (n *nightshift) level() string {
	n.t.Helper()
	return gjson.Get(n.must("status", "--json"), `levels.#(stratum=="low").level`).Raw
}

// From a recommendation to a block that nobody was asked for: what is missing is said at each step, every step needs the record, and
// people are told how to take it back. Then everything that takes the level away.
func TestFromRecommendationToAutomatic(t *testing.T) {
	t.Parallel()
	n := newNightshift(t)
	promote := func(level string) (string, int) {
		_, errs, status := n.soc("respond", "promote", "block-ip", "--stratum", "low", "--level", level, "--key", n.file("maria.key"))
		return errs, status
	}
	attack := func(id int) {
		t.Helper()
		n.write("attack.json", n.alert(id, "198.51.100.77"))
		n.must("triage", "--json", n.file("attack.json"))
	}
	auto := func() string {
		t.Helper()
		out, errs, status := n.soc("respond", "watch", "--auto", "--once", "--json")
		if status != 0 {
			t.Fatalf("%d %s", status, errs)
		}
		return out + errs
	}
	blocked := func() bool { return len(n.crowd.InForce("198.51.100.77")) > 0 }

	attack(9000)
	if out := auto(); !strings.Contains(out, "no action is at level 2 or above") || blocked() {
		t.Fatalf("without a level: %s", out)
	}
	if errs, status := promote("2"); status != 3 || !strings.Contains(errs, "59 more adjudicated, none of them wrong") {
		t.Fatal(status, errs)
	}
	under := n.under()
	n.learned(under, 0, 150)
	if errs, status := promote("4"); status != 3 || !strings.Contains(errs, "the record allows level 2 shadow: 20 more verified rollbacks") {
		t.Fatal(status, errs)
	}

	// Shadow: the machine decides silently, and nothing is done.
	if errs, status := promote("2"); status != 0 {
		t.Fatal(errs)
	}
	if out := auto(); out != "" || blocked() {
		t.Fatalf("in shadow: %s", out)
	}
	if out := n.must("respond", "status", "--text"); !strings.Contains(out, " shadow ") {
		t.Errorf("what it would have done is not kept:\n%s", out)
	}
	shadow := ""
	for line := range strings.Lines(n.must("respond", "status", "--json")) {
		if gjson.Get(line, "purpose").Str == "shadow" {
			shadow = gjson.Get(line, "id").Str
		}
	}
	if _, errs, status := n.soc("respond", "approve", shadow, "--key", n.file("maria.key"), "--accept-risk", "block-ip"); status != 2 || !strings.Contains(errs, "not for people to agree to (shadow)") {
		t.Error(status, errs)
	}

	out := n.must("respond", "drill", "block-ip", "--times", "20", "--execute", "--json")
	if strings.Count(out, `"outcome":"done"`) != 20 || strings.Count(out, `"outcome":"undone"`) != 20 {
		t.Fatal(out)
	}
	for _, level := range []string{"3", "4"} {
		if errs, status := promote(level); status != 0 {
			t.Fatal(errs)
		}
	}
	n.told.take()

	// Automatic: a new case, whose source a feed knows. It is blocked for four hours, and somebody is told how to take that back.
	attack(9001)
	out = auto()
	if !strings.Contains(out, `"outcome":"done","verified":true`) || !blocked() {
		t.Fatalf("at level 4: %s", out)
	}
	plan := "p-" + gjson.Get(out, "plan").Str[len("sha256:"):][:16]
	if told := n.told.take(); !strings.Contains(told, "by soc") || !strings.Contains(told, "soc respond undo "+plan+" a1") {
		t.Errorf("told: %s", told)
	}
	if out := auto(); out != "" {
		t.Errorf("it is done twice: %s", out)
	}
	// A person takes it back before its time: no machine does it again, in whatever case.
	n.must("respond", "undo", plan, "a1")
	attack(9002)
	if out := auto(); !strings.Contains(out, `"outcome":"refused"`) || !strings.Contains(out, "taken back before its time") || blocked() {
		t.Errorf("after it was taken back: %s", out)
	}
	// What a feed does not know is no confirmed threat.
	if got := n.level(); got != "4" {
		t.Errorf("level %s", got)
	}

	// The kill switch takes the level away, and only a person gives it back.
	n.env["SOC_STOP"] = "1"
	if out := auto(); !strings.Contains(out, "block-ip in low cases fell to level 2 shadow: the kill switch is on") {
		t.Error(out)
	}
	delete(n.env, "SOC_STOP")
	if auto(); n.level() != "2" {
		t.Errorf("level %s", n.level())
	}
	if told := n.told.take(); !strings.Contains(told, "fell to level 2 shadow") {
		t.Errorf("told: %s", told)
	}
	if errs, status := promote("4"); status != 0 {
		t.Fatal(errs)
	}
	// One that was wrong begins the record anew.
	n.must("respond", "undo", plan, "a1", "--wrong", "it was the scanner of the auditors")
	if errs, status := promote("2"); status != 0 || n.level() != "2" {
		t.Fatal(errs)
	}
	if errs, status := promote("3"); status != 3 || !strings.Contains(errs, "59 more adjudicated") {
		t.Error(status, errs)
	}
	n.must("audit", "verify")
}

// What the machine decided to do is kept with the job of doing it: killed between the two, the next watch --auto does it, once, and no other watch
// does; unless the case was closed meanwhile.
func TestWhatWasDecidedIsDoneAfterACrash(t *testing.T) {
	t.Parallel()
	n := newNightshift(t)
	n.learned(n.under(), 0, 150)
	promote := func(level string) {
		n.must("respond", "promote", "block-ip", "--stratum", "low", "--level", level, "--key", n.file("maria.key"))
	}
	n.must("respond", "drill", "block-ip", "--times", "20", "--execute")
	promote("3")
	promote("4")
	book, err := casebook.Open(t.Context(), n.file("book.db"), casebook.Options{Now: n.now})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // every write was committed
	// Whoever carries out holds this; while somebody else does, a plan is kept and not yet done, as when the process ends right there.
	const hands = "respond: carrying out"
	crash := func(id int) string {
		t.Helper()
		if ours, err := book.Claim(t.Context(), hands, "another", n.now().Add(time.Hour)); err != nil || !ours {
			t.Fatal(ours, err)
		}
		found := gjson.Get(n.must("triage", "--json", n.write("attack.json", n.alert(id, "198.51.100.77"))), "case").Str
		if out := n.must("respond", "watch", "--auto", "--once", "--json"); out != "" {
			t.Fatal(out)
		}
		if err := book.Yield(t.Context(), hands, "another"); err != nil {
			t.Fatal(err)
		}
		if open, err := book.Errands(t.Context()); err != nil || len(open) != 1 || len(n.crowd.InForce("198.51.100.77")) > 0 {
			t.Fatal(open, err)
		}
		return found
	}
	queued := func() int { return count(t, book, `SELECT COUNT(*) FROM river_job WHERE queue = 'respond_auto'`) }

	crash(9001)
	if queued() != 1 {
		t.Fatalf("%d jobs", queued())
	}
	if out := n.must("respond", "watch", "--once", "--json"); out != "" || len(n.crowd.InForce("198.51.100.77")) > 0 {
		t.Fatalf("a watch without --auto: %s", out)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stdout, stderr strings.Builder
	over := make(chan int)
	go func() {
		over <- cmd.Main(ctx, []string{"respond", "watch", "--auto", "--json"}, cmd.World{IO: term.IO{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Width: 100}, Env: func(k string) string { return n.env[k] }, Now: n.now})
	}()
	until(t, "its job is done", func() bool {
		return count(t, book, `SELECT COUNT(*) FROM river_job WHERE queue = 'respond_auto' AND state = 'completed'`) == 1
	})
	stop()
	if status := <-over; status != 130 || strings.Count(stdout.String(), `"outcome":"done","verified":true`) != 1 || len(n.crowd.InForce("198.51.100.77")) != 1 {
		t.Fatalf("%d %s %s", status, stdout.String(), stderr.String())
	}
	if out := n.must("respond", "watch", "--auto", "--once", "--json"); out != "" {
		t.Errorf("it is done twice: %s", out)
	}

	n.must("respond", "undo", "p-"+gjson.Get(stdout.String(), "plan").Str[len("sha256:"):][:16])
	n.must("cases", "close", crash(9002), "--as", "benign_positive", "--reason", "a drill")
	if out, errs, status := n.soc("respond", "watch", "--auto", "--once", "--json"); status != 0 || out != "" || !strings.Contains(errs, "is not carried out: the case was closed") {
		t.Errorf("%d %s %s", status, out, errs)
	}
	n.must("audit", "verify")
}

// A level that somebody writes into the casebook is none, nor is one that was signed before the machine took it down.
func TestALevelNeedsItsSignature(t *testing.T) {
	t.Parallel()
	n := newNightshift(t)
	n.learned(n.under(), 0, 4)
	promote := func() string {
		return n.must("respond", "promote", "block-ip", "--stratum", "low", "--level", "2", "--key", n.file("maria.key"), "--json")
	}
	signed := promote()
	if n.level() != "2" {
		t.Fatal(n.level())
	}
	book, err := casebook.Open(t.Context(), n.file("book.db"), casebook.Options{Now: n.now})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // every write was committed
	low := respond.Rung{Action: "block-ip", Stratum: "low"}
	set := func(level respond.Level, under, by, document string) {
		t.Helper()
		if _, err := book.SetLevel(t.Context(), &casebook.Level{Grade: respond.Grade{Rung: low, Level: level, Under: under, By: by, Because: "x"}, Document: []byte(document)}); err != nil {
			t.Fatal(err)
		}
	}
	under := gjson.Get(signed, "under").Str
	set(respond.Automatic, under, "soc", "")
	set(respond.Automatic, under, "maria", strings.Replace(signed, `"level":2`, `"level":4`, 1))
	set(respond.Automatic, under, "maria", signed)
	if n.level() != "2" {
		t.Errorf("level %s of what nobody signed", n.level())
	}
	set(respond.Recommend, under, "soc", "")
	set(respond.Shadow, under, "maria", signed)
	if n.level() != "1" {
		t.Errorf("level %s by an old signature", n.level())
	}
	promote()
	if n.level() != "2" {
		t.Errorf("level %s", n.level())
	}
	n.must("respond", "promote", "block-ip", "--stratum", "low", "--level", "0", "--key", n.file("maria.key"))
	out := n.must("respond", "plan", "--text", n.file("case.ndjson"))
	if !strings.Contains(out, "level 0: block-ip in low cases is only observed") {
		t.Error(out)
	}
}

// At level 3 one signature agrees; below it every risk has to be named.
func TestAtLevelThreeOneSignatureAgrees(t *testing.T) {
	t.Parallel()
	n := newNightshift(t)
	n.learned(n.under(), 0, 15)
	plan := gjson.Get(n.must("respond", "plan", "--json", n.file("case.ndjson")), "id").Str
	if _, errs, status := n.soc("respond", "approve", plan, "--key", n.file("maria.key")); status != 2 || !strings.Contains(errs, "accept each risk by its name") {
		t.Fatal(status, errs)
	}
	n.must("respond", "drill", "block-ip", "--times", "20", "--execute")
	n.must("respond", "promote", "block-ip", "--stratum", "low", "--level", "3", "--key", n.file("maria.key"))
	// On the screen it is one key, and another approves nothing.
	id := gjson.Get(n.must("triage", "--json", n.write("late.json", n.alert(900, "198.51.100.77"))), "case").Str
	screen := func(say string, want int, text string) {
		t.Helper()
		out, errs, status := n.types("open "+id+"\n"+say, "tui", "--plain", "--key", n.file("maria.key"))
		if status != want || !strings.Contains(out, text) {
			t.Errorf("%q: status %d: %s\n%s", say, status, errs, out)
		}
	}
	screen("plan make\napprove\nblock-ip\n", 1, "failed: nothing was approved")
	screen("approve\ny\nplan\n", 0, "approved    by maria")
	if out := n.must("respond", "approve", plan, "--key", n.file("maria.key"), "--text"); !strings.Contains(out, "maria agreed to "+plan+" (block-ip)") || !strings.Contains(out, "it can be applied") {
		t.Error(out)
	}
	// A new policy is another decider: the level falls, and the next plan asks again.
	text, err := os.ReadFile(n.file("soc.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	n.env["SOC_CONFIG"] = n.write("other.yaml", strings.Replace(string(text), "escalate: 0.4", "escalate: 0.41", 1))
	plan = gjson.Get(n.must("respond", "plan", "--json", n.file("case.ndjson")), "id").Str
	if _, errs, status := n.soc("respond", "approve", plan, "--key", n.file("maria.key")); status != 2 || !strings.Contains(errs, "accept each risk by its name") {
		t.Error(status, errs)
	}
	screen("plan make\napprove\ny\n", 1, "to accept, type block-ip")
	if got := n.level(); got != "2" {
		t.Errorf("level %s under another policy", got)
	}
}

// Whoever asks for the figures where a driver's secret is not there gets them, and is told what is unknown.
func TestStatusWithoutTheDriversSecrets(t *testing.T) {
	t.Parallel()
	n := newNightshift(t)
	n.learned(n.under(), 0, 1)
	if err := os.Remove(n.file("lapi")); err != nil {
		t.Fatal(err)
	}
	out := n.must("status", "--json")
	if gjson.Get(out, "groups").Int() != 1 || !strings.Contains(gjson.Get(out, "missing.0.what").Str, "how far responses have come is unknown") {
		t.Error(out)
	}
}
