package investigate

import (
	"fmt"
	"math"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What several events of a case together show of data that went out. Each sentence cites the events that it counted.
// Source: MITRE ATT&CK T1041, T1048, T1048.003, T1560 and their detections.

// The bounds. A page, a mail or a login sends less than the first two; who only fetches gets more back than he sends.
const (
	muchOut     = 1 << 20          // bytes to one address that are much where nothing is known of what is usual
	someOut     = 100 << 10        // bytes that are much where they are more than what is usual
	moreThan    = 4                // times what came back, and times what is usual
	leastUsual  = 20               // flows of the same log outside of the case from which on it tells what is usual
	manyNames   = 30               // names below one domain that differ
	longName    = 24               // characters of such a name before the domain, on average
	packedAhead = time.Hour        // between the writing of an archive and the connection of who wrote it
	mostFlows   = 1 << 50          // a count beyond that is a mistake of the log
	shareOfAll  = float64(19) / 20 // of the flows of a log send no more than is usual
)

// outflows marks the events over which something went out and says so.
func (f *follower) outflows(k *Case, list []int) {
	f.sent(k, list)
	f.queried(k, list)
	f.packed(k, list)
	f.read(k, list)
}

// flow is what went to one address.
type flow struct {
	to      netip.Addr
	out, in float64
	events  []int // places in the case's events
	ours    bool  // a process of the case talked to it, or it was followed
	usual   float64
}

// sent looks at the bytes of connections, together by address.
func (f *follower) sent(k *Case, list []int) {
	flows := map[netip.Addr]*flow{}
	var order []netip.Addr
	for n, i := range list {
		t := f.traces[i]
		to := t.remote.addr
		out, known := bytesOf(t, alert.SlotBytesOut)
		if !known || !to.IsValid() || t.is(call, dns) {
			continue
		}
		w := flows[to]
		if w == nil {
			w = &flow{to: to, usual: f.usual(t.a.Input.Name, list)}
			flows[to] = w
			order = append(order, to)
		}
		in, _ := bytesOf(t, alert.SlotBytesIn)
		w.out, w.in = w.out+out, w.in+in
		w.events = append(w.events, n)
	}
	for _, i := range list {
		t := f.traces[i]
		if w := flows[t.remote.addr]; w != nil && t.kind == network && t.actorNode >= 0 && f.stakes[t.actorNode] != nil && wayOut(t) {
			w.ours = true
		}
	}
	for _, to := range order {
		w := flows[to]
		w.ours = w.ours || f.leads[fact("ip", to.String(), "")] != nil
		if !w.much() {
			continue
		}
		technique := "T1048"
		if w.ours {
			technique = "T1041"
		}
		for _, n := range w.events {
			k.Events[n].stands("exfiltration", technique)
		}
		more := fmt.Sprintf("%s came back", size(w.in))
		if !math.IsNaN(w.usual) {
			more += fmt.Sprintf(", and 19 of 20 other flows of that log send no more than %s", size(w.usual))
		}
		f.says(k, w.events, "%s went to %s in %s; %s.", size(w.out), to, plural(len(w.events), "flow", "flows"), more)
	}
}

// much tells whether more went out than fetching and greeting need.
func (w *flow) much() bool {
	if !outside(w.to) && !w.ours || w.out <= moreThan*w.in {
		return false
	}
	if math.IsNaN(w.usual) {
		return w.out >= muchOut
	}
	return w.out >= someOut && w.out > moreThan*w.usual
}

// usual is what 19 of 20 flows of an input send that do not belong to the case; not a number where there are too few.
func (f *follower) usual(input string, list []int) float64 {
	var sent []float64
	for i, t := range f.traces {
		if t.seed || t.a.Input.Name != input || !t.remote.addr.IsValid() {
			continue
		}
		if _, ours := slices.BinarySearch(list, i); ours {
			continue
		}
		if n, known := bytesOf(t, alert.SlotBytesOut); known {
			sent = append(sent, n)
		}
	}
	if len(sent) < leastUsual {
		return math.NaN()
	}
	slices.Sort(sent)
	return sent[int(shareOfAll*float64(len(sent)-1))]
}

func bytesOf(t *trace, s alert.Slot) (float64, bool) {
	n, err := strconv.ParseFloat(t.a.Text(s), 64)
	return n, err == nil && n >= 0 && n < mostFlows
}

// queried looks for text that was carried out in the names that were asked for.
func (f *follower) queried(k *Case, list []int) {
	type asked struct {
		names  map[string]bool
		length int
		events []int
	}
	below := map[string]*asked{}
	var order []string
	for n, i := range list {
		t := f.traces[i]
		if t.kind != dns {
			continue
		}
		for _, name := range t.values(alert.SlotQuery, foldName) {
			sub, domain := parted(name)
			if sub == "" || everyones(domain) || strings.HasSuffix(name, ".arpa") {
				continue
			}
			w := below[domain]
			if w == nil {
				w = &asked{names: map[string]bool{}}
				below[domain] = w
				order = append(order, domain)
			}
			w.events = append(w.events, n)
			if !w.names[sub] {
				w.names[sub] = true
				w.length += len(sub)
			}
		}
	}
	for _, domain := range order {
		w := below[domain]
		if len(w.names) < manyNames || w.length < longName*len(w.names) {
			continue
		}
		for _, n := range w.events {
			k.Events[n].stands("exfiltration", "T1048.003")
		}
		f.says(k, w.events, "%d different names below %s were asked for, %d characters long on average before it: %s that names can carry out.", len(w.names), domain, w.length/len(w.names), size(float64(w.length)))
	}
}

// parted cuts a name into what somebody gave out below a domain and the domain.
func parted(name string) (sub, domain string) {
	labels := strings.Split(name, ".")
	keep := 2
	if len(labels) > 2 && len(labels[len(labels)-1]) == 2 && len(labels[len(labels)-2]) <= 3 {
		keep = 3 // example.co.uk
	}
	if len(labels) <= keep {
		return "", name
	}
	at := len(labels) - keep
	return strings.Join(labels[:at], "."), strings.Join(labels[at:], ".")
}

// packed looks for a process that wrote an archive and reached out afterwards.
func (f *follower) packed(k *Case, list []int) {
	wrote := map[int]int{} // by process, the event
	for n, i := range list {
		t := f.traces[i]
		if t.actorNode < 0 || f.stakes[t.actorNode] == nil || stationed(f.processes.nodes[t.actorNode].image) != tool {
			continue
		}
		switch {
		case t.kind == file && packs(t):
			wrote[t.actorNode] = n
		case t.kind == network && wayOut(t):
			at, met := wrote[t.actorNode]
			if !met || t.at.Sub(k.Events[at].Record.Time) > packedAhead {
				continue
			}
			delete(wrote, t.actorNode)
			k.Events[at].stands("collection", "T1560")
			k.Events[n].stands("exfiltration", "T1041")
			f.says(k, []int{at, n}, "%s wrote an archive and connected to %s afterwards.", f.called(t.actorNode), t.remote.addr)
		}
	}
}

// packs tells whether a record is of an archive that was written.
func packs(t *trace) bool {
	for _, v := range t.values(alert.EntitySlot(alert.Target, alert.File), asIs) {
		switch strings.ToLower(path.Ext(v)) {
		case ".zip", ".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".cab", ".zst":
			return true
		}
	}
	return false
}

// read looks for what was read out of a store of a cloud from outside, in a case that escalates: by itself it is everybody's work.
func (f *follower) read(k *Case, list []int) {
	var events []int
	from := ""
	bytes := 0.0
	for n, i := range list {
		t := f.traces[i]
		if t.kind != call || succeeds(t.a) < 0 || !outside(t.source.addr) || !slices.Contains(k.Events[n].Techniques, "T1530") {
			continue
		}
		out, _ := bytesOf(t, alert.SlotBytesOut)
		bytes += out
		events = append(events, n)
		from = t.source.addr.String()
	}
	if len(events) == 0 || k.Route != triage.Escalate {
		return
	}
	for _, n := range events {
		k.Events[n].stands("exfiltration", "T1048")
	}
	amount := ""
	if bytes > 0 {
		amount = ", " + size(bytes)
	}
	f.says(k, events, "%s of a store of the cloud read from outside%s, the last from %s.", plural(len(events), "object was", "objects were"), amount, from)
}

// says writes a sentence that stands on events.
func (f *follower) says(k *Case, events []int, format string, args ...any) {
	var cited []string
	for _, n := range events[:min(len(events), mostCites)] {
		cited = append(cited, fmt.Sprintf("event %d", n+1))
	}
	k.Answers = append(k.Answers, Finding{Part: Answers, Phase: "", Sentence: fmt.Sprintf(format, args...), Cites: cited})
}

// size is a number of bytes for people.
func size(n float64) string {
	for _, unit := range [...]string{"bytes", "kB", "MB", "GB"} {
		if n < 1000 {
			return strings.TrimSuffix(strconv.FormatFloat(n, 'f', 1, 64), ".0") + " " + unit
		}
		n /= 1000
	}
	return strconv.FormatFloat(n, 'f', 1, 64) + " TB"
}
