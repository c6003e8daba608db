package tui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
	"github.com/seed-959697dd/soc/tui"
)

func clock() time.Time { return time.Date(2026, 3, 3, 6, 0, 0, 0, time.UTC) }

// book is a casebook in memory: what screens of several people share.
type book struct {
	mu    sync.Mutex
	seq   int64
	cases []*render.CaseFile
	seqs  map[string]int64 // of the decisions that stand
	raw   map[string]*render.RawAlert
	plans []tui.PlanFile
	backs map[int64]func()  // what takes back what is no decision, by its record
	again map[int64]func()  // and does it again
	at    time.Time         // the clock, when a test turns it
	page  *render.Page      // what questions and reports lead to, when a test says so
	saved map[string]string // files that were written
	slow  chan struct{}     // what asks takes so long
	lists int               // how often the queue was read
	torn  error             // of every case that is opened
	sent  []string          // what was written to systems, and taken back
}

// hand is one person at the book.
type hand struct {
	*book
	by string
}

func (b *book) find(id string) *render.CaseFile {
	for _, f := range b.cases {
		if f.Row.ID == id {
			return f
		}
	}
	return nil
}

func (h hand) List(_ context.Context, v tui.View, limit int) (tui.Listing, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lists++
	l := tui.Listing{View: v, Head: h.seq}
	filter, err := tui.ParseFilter(v.Filter)
	if err != nil {
		return l, err
	}
	for _, f := range h.cases {
		switch {
		case f.Row.Status == "closed":
			l.Ended++
		case f.Row.Asleep(h.clock()):
			l.Snoozed++
			l.Wakes = f.Row.Until
		case f.Row.Route == "escalate":
			l.Escalated++
		default:
			l.Review++
		}
		if v.State != "all" && h.state(&f.Row) != v.State || !h.matches(&f.Row, &filter, &l) || limit > 0 && len(l.Entries) == limit {
			continue
		}
		l.Entries = append(l.Entries, tui.Entry{ID: f.Row.ID, Group: map[string]string{"rule": f.Row.Rule, "host": f.Row.Host, "user": f.Row.User}[v.Group]})
	}
	if v.Sort == "newest" {
		slices.Reverse(l.Entries)
	}
	return l, nil
}

func (b *book) clock() time.Time {
	if b.at.IsZero() {
		return clock()
	}
	return b.at
}

func (b *book) state(r *render.CaseRow) string {
	if r.Asleep(b.clock()) {
		return "snoozed"
	}
	return r.Status
}

func (b *book) matches(r *render.CaseRow, f *tui.Filter, l *tui.Listing) bool {
	if f.Query != nil {
		a := f.Query.Holds(&query.Case{
			ID: r.ID, Title: r.Title, Route: r.Route, Severity: r.Severity, State: b.state(r), Owner: r.Owner, Rule: r.Rule, Host: r.Host, User: r.User,
			Count: r.Alerts, Score: r.Score, Opened: r.Opened, Closed: r.Closed,
		}, b.clock())
		if a.Lacking != "" {
			l.Undecided, l.Why = l.Undecided+1, "no "+a.Lacking
		}
		return a.Holds
	}
	for _, t := range f.Terms {
		in := map[string]string{"owner": r.Owner, "host": r.Host, "user": r.User, "rule": r.Rule, "title": r.Title, "severity": r.Severity, "": r.ID + r.Host + r.Title + r.Rule + r.User}[t.Field]
		if strings.Contains(strings.ToLower(in), strings.ToLower(t.Text)) == t.Not {
			return false
		}
	}
	return true
}

func (h hand) Head(context.Context) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq, nil
}

func (h hand) Rows(_ context.Context, ids []string) (rows []render.CaseRow, _ error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if f := h.find(id); f != nil {
			rows = append(rows, f.Row)
		}
	}
	return rows, nil
}

func (h hand) Report(_ context.Context, id string) (*render.Page, error) {
	if h.page != nil {
		return h.page, nil
	}
	return render.Markdown("report of "+id, "# "+id+"\n\nWhat happened: a process was dumped.\n\n- cited: event 1\n"), nil
}

func (h hand) File(_ context.Context, id string, from int64) (*render.CaseFile, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.torn != nil {
		return nil, h.torn
	}
	if f := h.find(id); f != nil {
		c := *f
		if n := int64(len(f.Verdicts)); n > render.Window {
			c.From, c.Best = min(from, n-1), f.Verdicts[0]
			c.Verdicts = f.Verdicts[c.From:min(n, c.From+render.Window)]
		}
		return c.Read(), nil
	}
	return nil, errors.New("no such case: " + id)
}

func (h hand) Raw(_ context.Context, verdict string) (*render.RawAlert, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.raw[verdict]; r != nil {
		return r, nil
	}
	return &render.RawAlert{ID: "lost", Input: "night.ndjson:1"}, nil
}

func (h hand) Decide(_ context.Context, id string, d triage.Decision) (tui.Made, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.find(id)
	if f.Row.Status == "closed" {
		last := f.Decisions[len(f.Decisions)-1]
		return tui.Made{}, &tui.TakenError{Case: id, Disposition: last.Disposition, By: last.By, Reason: last.Reason}
	}
	h.seq++
	h.seqs[id] = h.seq
	h.decided(id, d)
	f.Row.Status, f.Row.Disposition, f.Row.By, f.Row.Closed = "closed", d.Disposition.String(), h.by, clock()
	f.Decisions = append(slices.Clone(f.Decisions), render.CaseDecision{Disposition: d.Disposition.String(), Reason: d.Reason, Certainty: string(d.Certainty), By: h.by, At: clock()})
	return tui.Made{Case: id, Seq: h.seq}, nil
}

func (h hand) Withdraw(_ context.Context, m tui.Made) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if back := h.backs[m.Seq]; back != nil {
		h.seq++
		back()
		return nil
	}
	f := h.find(m.Case)
	if h.seqs[m.Case] != m.Seq {
		return &tui.TakenError{Case: m.Case, Disposition: f.Row.Disposition, By: f.Row.By}
	}
	h.seq++
	delete(h.seqs, m.Case)
	f.Row.Status = "open"
	f.Decisions = slices.Clone(f.Decisions)
	f.Decisions[len(f.Decisions)-1].Undone = true
	return nil
}

func (h hand) Note(_ context.Context, id, text string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	f := h.find(id)
	f.Notes = append(slices.Clone(f.Notes), render.CaseNote{At: clock(), By: h.by, Text: text})
	return nil
}

func (h hand) Plans(context.Context, string) ([]tui.PlanFile, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.plans), nil
}

func (h hand) Propose(context.Context, string) (bool, error) { return false, nil }

func (h hand) Agree(_ context.Context, plan string, risks []string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := &h.plans[0]
	p.Standing = "approved"
	p.Approvals = append(p.Approvals, respond.Approval{Plan: plan, By: h.by, At: clock(), Risks: risks})
	return nil
}

func (h hand) Apply(_ context.Context, _ string, told func(respond.Receipt)) error {
	h.mu.Lock()
	ok := h.plans[0].Standing == "approved"
	items := h.plans[0].Plan.Items
	h.mu.Unlock()
	if !ok {
		return respond.ErrUnapproved
	}
	for _, i := range items {
		told(respond.Receipt{Action: i.ID, Name: i.Action, Target: i.Target, Outcome: respond.Done, Verified: true})
	}
	if h.slow != nil {
		<-h.slow
	}
	return nil
}

func (h hand) TakeBack(_ context.Context, _ string, told func(respond.Receipt)) error {
	told(respond.Receipt{Action: "a1", Name: "block-ip", Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}, Outcome: respond.Undone, Verified: true})
	return nil
}

// night is a small queue: two escalated cases, the others to review.
func night(n int) *book {
	b := &book{seq: 10, seqs: map[string]int64{}, backs: map[int64]func(){}, again: map[int64]func(){}, raw: map[string]*render.RawAlert{}}
	hosts := []string{"ws-12.corp.example.com", "dc-01.corp.example.com", "srv-web-01", "10.0.0.7"}
	severities := []string{"critical", "high", "medium", "low", "informational"}
	for i := range n {
		id := fmt.Sprintf("%016x", 0x7f3a000000000000+i)
		f := &render.CaseFile{Row: render.CaseRow{
			ID: "c-" + id, Status: "open", Route: "review", Severity: severities[min(i, 4)], Title: fmt.Sprintf("Odd process number %d started by a service", i+1),
			Rule: fmt.Sprintf("wazuh 9290%d", i%3), Host: hosts[i%len(hosts)], User: `CORP\j.doe`, Score: int64(8000 - i), Alerts: int64(1 + i%5), Verdicts: 1,
			First: clock().Add(-3 * time.Hour), Last: clock().Add(-2*time.Hour - time.Duration(i)*time.Second), Opened: clock().Add(-time.Duration(i+1) * 25 * time.Minute),
		}}
		if i < 2 {
			f.Row.Route = "escalate"
		}
		doc := verdict("v-"+id, &f.Row, i)
		f.Verdicts = [][]byte{doc}
		v, err := investigate.ReadVerdict(string(doc))
		if err != nil {
			panic(err) // the document above is none
		}
		k := investigate.NewCase([]investigate.Verdict{v}, &investigate.Cluster{ID: f.Row.ID, Members: []int{0}}, []investigate.Member{{Document: string(doc), ID: "v-" + id}})
		f.Case = &k
		f.Members = []render.CaseMember{{ID: fmt.Sprintf("a-%d", i+1), Verdict: "v-" + id, Input: alert.Place{Name: "night.ndjson", Line: int64(i + 1)}, Copies: f.Row.Alerts, Kept: true}}
		b.cases = append(b.cases, f)
		b.raw["v-"+id] = &render.RawAlert{ID: fmt.Sprintf("a-%d", i+1), Input: fmt.Sprintf("night.ndjson:%d", i+1), Received: []byte(rawText), View: []byte(rawText)}
	}
	return b
}

const rawText = `{"rule":{"id":"92900","level":12,"description":"Lsass process memory dumped through comsvcs.dll","mitre":{"id":["T1003.001"]}},"agent":{"name":"ws-12"},"data":{"win":{"eventdata":{"image":"C:\\Windows\\System32\\rundll32.exe","commandLine":"rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 624 C:\\temp\\lsass.dmp full"}}}}`

func verdict(id string, r *render.CaseRow, i int) []byte {
	return fmt.Appendf(nil, `{"kind":"verdict","version":1,"id":%q,"group":{"count":%d,"first_time":"2026-03-03T03:00:00Z","last_time":"2026-03-03T04:00:00Z","alert_ids":["a-%d"]},
"alert":{"id":"a-%d","title":%q,"techniques":["T1003.001"],"entities":[{"type":"host","role":"target","value":%q,"path":"agent.name"},{"type":"user","role":"actor","value":"CORP\\j.doe","path":"data.win.user"},{"type":"ip","role":"source","value":"203.0.113.9","path":"data.srcip"}],"indicators":[{"type":"ip","value":"203.0.113.9","path":"data.srcip"}]},
"case":%q,"disposition":"true_positive","probability":0.99,"calibrated":false,"severity":{"recommended":%q,"score":80},"route":%q,"score":%d,"base":-2944,
"signals":[{"check":"lsass","family":"credentials","trust":"sensor","weight":3200,"term":3200,"sentence":"a process is dumped through comsvcs.dll","receipts":[{"path":"data.win.eventdata.commandLine","value":"comsvcs.dll, MiniDump"}]},
{"check":"intel","family":"reputation","trust":"sensor","weight":1800,"term":1500,"sentence":"the source is known for attacks","receipts":[{"path":"data.srcip","value":"203.0.113.9","source":"urlhaus:12"}]},
{"check":"assets","family":"assets","trust":"context","weight":-600,"term":-600,"sentence":"the host is a laboratory machine","receipts":[{"path":"agent.name","value":"ws-12","source":"assets.csv:4"}]}],
"gaps":[{"check":"baseline","class":"unconfigured","reason":"no baseline was learned"}]}`,
		id, r.Alerts, i+1, i+1, r.Title, r.Host, r.ID, r.Severity, r.Route, -2944+3200+1500-600)
}

// rig is a screen at which a test sits.
type rig struct {
	t    testing.TB
	m    tea.Model
	now  time.Time
	quit bool
	w, h int
}

func sit(t testing.TB, b *book, by string, w, h int, o tui.Options) *rig {
	t.Helper()
	r := &rig{t: t, now: clock(), w: w, h: h}
	who := hand{b, by}
	o.Now = func() time.Time { return r.now }
	if o.Desk.Queue == nil {
		o.Desk = tui.Desk{Queue: who, Reader: who, Decider: who, Responder: who, Asker: asker{b}, Writer: &postman{book: b}, Me: by, Copy: func(string) error { return nil }, Save: b.save}
	}
	m := tui.New(t.Context(), o)
	r.m = m
	r.send(tea.WindowSizeMsg{Width: w, Height: h})
	r.obey(m.Init())
	return r
}

// said has lines said to the screen in lines, and returns what it says.
func said(t testing.TB, b *book, lines string) string {
	t.Helper()
	var out strings.Builder
	who := hand{b, "maria"}
	d := tui.Desk{Queue: who, Reader: who, Decider: who, Responder: who, Asker: asker{b}, Writer: &postman{book: b}, Me: "maria", Save: b.save}
	// Lines that could not be obeyed say so in the text.
	_ = tui.Plain(t.Context(), d, term.IO{In: strings.NewReader(lines), Out: &out, Width: 80}, tui.Talk{Now: clock})
	return out.String()
}

// obey runs a command and everything that comes of it, to the end.
func (r *rig) obey(cmd tea.Cmd) {
	r.t.Helper()
	msgs, under := make(chan tea.Msg), 0
	start := func(c tea.Cmd) {
		if c != nil {
			under++
			go func() { msgs <- c() }()
		}
	}
	for start(cmd); under > 0; {
		msg := <-msgs
		under--
		switch msg := msg.(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				start(c)
			}
		case tea.QuitMsg:
			r.quit = true
		default:
			var next tea.Cmd
			r.m, next = r.m.Update(msg)
			start(next)
		}
	}
}

func (r *rig) send(msg tea.Msg) {
	r.t.Helper()
	var cmd tea.Cmd
	r.m, cmd = r.m.Update(msg)
	r.obey(cmd)
}

// press types keys, unhurried.
func (r *rig) press(keys ...string) *rig {
	r.t.Helper()
	for _, k := range keys {
		r.now = r.now.Add(time.Second)
		r.hit(k)
	}
	return r
}

// hit types a key at once behind the last one.
func (r *rig) hit(key string) {
	r.t.Helper()
	named := map[string]tea.KeyType{
		"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp,
		"ctrl+c": tea.KeyCtrlC, "backspace": tea.KeyBackspace, "home": tea.KeyHome, "end": tea.KeyEnd,
	}
	switch kind, ok := named[key]; {
	case ok:
		r.send(tea.KeyMsg{Type: kind})
	case key == "space":
		r.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
	default:
		r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(key)})
	}
}

// text types a text, letter by letter.
func (r *rig) text(s string) *rig {
	r.t.Helper()
	for _, c := range s {
		if c == ' ' {
			r.press("space")
		} else {
			r.press(string(c))
		}
	}
	return r
}

var sequence = regexp.MustCompile("\x1b\\[[0-9;]*m")

// view is the screen without colours. It checks the law of every frame: as many lines and columns as the terminal has.
func (r *rig) view() string {
	r.t.Helper()
	text := sequence.ReplaceAllString(r.m.View(), "")
	if r.quit {
		return text
	}
	lines := strings.Split(text, "\n")
	if len(lines) != r.h {
		r.t.Errorf("%d lines on a screen of %d:\n%s", len(lines), r.h, text)
	}
	for i, l := range lines {
		if w := term.Width(l); w != r.w {
			r.t.Errorf("line %d has %d columns of %d: %q", i, w, r.w, l)
		}
		if term.Clean(l) != l {
			r.t.Errorf("line %d is not clean: %q", i, l)
		}
	}
	return text
}

func (r *rig) sees(words ...string) *rig {
	r.t.Helper()
	for _, w := range words {
		if v := r.view(); !strings.Contains(v, w) {
			r.t.Errorf("%q is not on the screen:\n%s", w, v)
		}
	}
	return r
}

func (r *rig) lacks(words ...string) *rig {
	r.t.Helper()
	for _, w := range words {
		if v := r.view(); strings.Contains(v, w) {
			r.t.Errorf("%q is on the screen:\n%s", w, v)
		}
	}
	return r
}

// golden compares a frame with the one that a person has looked at. Escape sequences are written as \e so that the file can be read.
func golden(t *testing.T, name, frame string) {
	t.Helper()
	var b strings.Builder
	for l := range strings.Lines(strings.ReplaceAll(frame, "\x1b", `\e`)) {
		b.WriteString(strings.TrimRight(l, " \n") + "\n")
	}
	file := filepath.Join("testdata", name+".golden")
	if os.Getenv("UPDATE") != "" {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(file, []byte(b.String()), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s is otherwise (UPDATE=1 writes it anew); now:\n%s", file, got)
	}
}
