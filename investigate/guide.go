package investigate

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
	"go.yaml.in/yaml/v3"

	"github.com/seed-959697dd/soc/alert"
)

//go:embed guides/*.yaml
var guideFiles embed.FS

// guide is what a SOC asks about one kind of incident. It is the decoded form of a file in guides/.
type guide struct {
	Name, Title string
	Applies     struct {
		Techniques []string `yaml:"techniques"` // sub-techniques count
		Families   []string `yaml:"families"`   // of the verdicts' signals
		Words      pattern  `yaml:"words"`      // in what names the alerts
	} `yaml:"applies"`
	// Pivots are followed beside what every case's are. sign-ins: who signs in with the alerts' accounts, from wherever.
	Pivots    []string   `yaml:"pivots"`
	Questions []question `yaml:"questions"`
	Confirm   []string   `yaml:"confirm"` // what would show that it is an attack
	Clear     []string   `yaml:"clear"`   // what would show that it is none
	Actions   []string   `yaml:"actions"` // of the response catalogue
}

// question is asked of a case's events.
type question struct {
	Ask   string   `yaml:"ask"`
	Shown answers  `yaml:"shown"`
	Says  string   `yaml:"says"`  // how the sentence begins that answers it
	Data  []string `yaml:"data"`  // kinds of record that would tell
	Needs string   `yaml:"needs"` // what to collect where there are none
}

// answers are the events that answer a question: those for which every condition holds.
type answers struct {
	Kinds      []string `yaml:"kinds"`
	Phases     []string `yaml:"phases"`     // or one of the techniques
	Techniques []string `yaml:"techniques"` // or one of the phases; sub-techniques count
	By         []string `yaml:"by"`         // the event's relation, see Event
	Elsewhere  bool     `yaml:"elsewhere"`  // on a machine that no alert of the case names
	Names      pattern  `yaml:"names"`      // of the file or address that it is about
	Steering   bool     `yaml:"steering"`   // to a port through which one machine is worked on from another
	Process    bool     `yaml:"process"`    // its process is known
	Bytes      bool     `yaml:"bytes"`      // it counts bytes
	Made       bool     `yaml:"made"`       // it made a credential
	Hop        *int     `yaml:"hop"`        // at most so far from the alerts
}

// The pivots that a guide may name.
const signIns = "sign-ins"

var guides = sync.OnceValues(func() (list []guide, err error) {
	files, err := fs.Glob(guideFiles, "guides/*.yaml")
	for _, file := range files {
		body, err := guideFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		g, err := readGuide(body)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		list = append(list, g)
	}
	return list, err
})

func readGuide(body []byte) (g guide, err error) {
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	if err := d.Decode(&g); err != nil {
		return g, err
	}
	for _, q := range g.Questions {
		for _, k := range slices.Concat(q.Shown.Kinds, q.Data) {
			if kindNamed(k) < 0 {
				return g, fmt.Errorf("%s: no kind %q", q.Ask, k)
			}
		}
		for _, p := range q.Shown.Phases {
			if !isPhase(p) {
				return g, fmt.Errorf("%s: no phase %q", q.Ask, p)
			}
		}
		if q.Says == "" || q.Needs == "" || len(q.Data) == 0 {
			return g, fmt.Errorf("%s: wants says, data and needs", q.Ask)
		}
	}
	for _, p := range g.Pivots {
		if p != signIns {
			return g, fmt.Errorf("no pivot %q (nearest: %s)", p, signIns)
		}
	}
	return g, nil
}

// isPhase tells the tactics as events spell them.
func isPhase(name string) bool {
	for i := range 14 { // as many as there are
		if Phases(1<<i).name() == name {
			return true
		}
	}
	return false
}

// mustGuides are the embedded guides: they are compiled in, and a test reads them.
func mustGuides() []guide {
	list, err := guides()
	if err != nil {
		panic(err)
	}
	return list
}

// Guidance is how to go on with a case of its kind.
type Guidance struct {
	Name, Title    string
	Confirm, Clear []string
	Actions        []string // names of the response catalogue
}

// maxGuides bounds the guides of one case.
const maxGuides = 3

// scene is what a guide is chosen by.
type scene struct {
	techniques []string
	families   map[string]bool
	names      string
}

// sceneOf is what the verdicts of a case say.
func sceneOf(k *Case) scene {
	s := scene{techniques: slices.Clone(k.Techniques), families: map[string]bool{}}
	var names []string
	for _, m := range k.Members {
		doc := gjson.Parse(m.Document)
		for _, g := range doc.Get("signals").Array() {
			if g.Get("term").Int() > 0 {
				s.families[g.Get("family").Str] = true
			}
		}
		for _, path := range [...]string{"alert.title", "alert.rule.name", "alert.rule.id"} {
			names = append(names, doc.Get(path).Str)
		}
	}
	s.names = strings.Join(names, "\n")
	return s
}

// choose returns the guides for a scene, the one that fits best first.
func choose(s scene) []*guide {
	type fit struct {
		g     *guide
		score int
	}
	var list []fit
	all := mustGuides()
	for i := range all {
		g := &all[i]
		n := 0
		for _, id := range s.techniques {
			if under(id, g.Applies.Techniques) {
				n += 2
			}
		}
		for _, f := range g.Applies.Families {
			if s.families[f] {
				n++
			}
		}
		if g.Applies.Words.Regexp != nil && g.Applies.Words.MatchString(s.names) {
			n += 3
		}
		if n > 1 {
			list = append(list, fit{g, n})
		}
	}
	slices.SortStableFunc(list, func(a, b fit) int { return b.score - a.score })
	out := make([]*guide, 0, maxGuides)
	for _, f := range list[:min(len(list), maxGuides)] {
		out = append(out, f.g)
	}
	return out
}

// under tells whether a technique is one of those or below one.
func under(id string, list []string) bool {
	return slices.ContainsFunc(list, func(o string) bool { return id == o || strings.HasPrefix(id, o+".") })
}

// tells tells whether an event answers. home are the machines of the alerts.
func (w *answers) tells(e *Event, t *trace, home map[string]bool) bool {
	grave := len(w.Phases) == 0 && len(w.Techniques) == 0 || e.Phase != "" && slices.Contains(w.Phases, e.Phase) ||
		slices.ContainsFunc(e.Techniques, func(id string) bool { return under(id, w.Techniques) })
	return grave && (w.Kinds == nil || slices.Contains(w.Kinds, t.kind.String())) && (w.By == nil || slices.Contains(w.By, e.By)) && (!w.Elsewhere || t.host != "" && !home[t.host]) && matches(w.Names.Regexp, t.about()) &&
		(!w.Steering || steering(t.remote.port)) && (!w.Process || t.actor.image != "") && (!w.Bytes || sent(t.a) != "") && (!w.Made || t.a.First(alert.SlotNewCredential) != nil) && (w.Hop == nil || e.Hop <= *w.Hop)
}

func matches(re *regexp.Regexp, s string) bool { return re == nil || re.MatchString(s) }
