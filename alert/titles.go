package alert

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Titles of records that have none of their own are data, like formats: a list in titles/ that a format names. What they are put together from are
// the record's values; nothing reads a title to decide.

//go:embed titles/*.yaml
var titleFiles embed.FS

// titled is one entry of a list, as its file spells it.
type titled struct {
	Provider string `yaml:"provider"` // in small letters: stands in the event's log or source; empty: any
	Code     []int  `yaml:"code"`     // empty: any, for a record whose own title says no more than its kind
	Says     string `yaml:"says"`

	parts []titlePart
}

// anyCode is the place of the entries without a code.
const anyCode = ""

// titlePart is a piece of a title: a text, or a slot. Pieces of one group stand together or not at all; those of group 0 must be there.
type titlePart struct {
	text  string
	slot  Slot
	group int
}

// Bounds of a title and of one value in it, in characters.
const (
	maxTitle      = 200
	maxTitleValue = 60
)

// titleLists are the shipped lists, by name and code.
var titleLists = sync.OnceValues(func() (map[string]map[string][]*titled, error) {
	files, err := titleFiles.ReadDir("titles")
	if err != nil {
		return nil, err
	}
	lists := map[string]map[string][]*titled{}
	for _, f := range files {
		body, err := titleFiles.ReadFile("titles/" + f.Name())
		if err != nil {
			return nil, err
		}
		list, err := readTitles(body)
		if err != nil {
			return nil, fmt.Errorf("titles/%s: %w", f.Name(), err)
		}
		lists[strings.TrimSuffix(f.Name(), ".yaml")] = list
	}
	return lists, nil
})

func readTitles(body []byte) (map[string][]*titled, error) {
	var list []*titled
	dec := yaml.NewDecoder(bytes.NewReader(body))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		return nil, err
	}
	names := slotsByName()
	byCode := map[string][]*titled{}
	for _, t := range list {
		if err := t.compile(names); err != nil {
			return nil, fmt.Errorf("%q: %w", t.Says, err)
		}
		for _, code := range t.Code {
			c := strconv.Itoa(code)
			byCode[c] = append(byCode[c], t)
		}
		if len(t.Code) == 0 {
			byCode[anyCode] = append(byCode[anyCode], t)
		}
	}
	return byCode, nil
}

// compile takes a template apart.
func (t *titled) compile(names map[string]Slot) error {
	group, open := 0, false
	rest := t.Says
	for rest != "" {
		at := strings.IndexAny(rest, "{[]")
		if at != 0 {
			if at < 0 {
				at = len(rest)
			}
			t.parts = append(t.parts, titlePart{text: rest[:at], group: group * bit(open)})
			rest = rest[at:]
			continue
		}
		switch rest[0] {
		case '{':
			name, after, ok := strings.Cut(rest[1:], "}")
			slot, known := names[name]
			if !ok || !known {
				return errNoSlot(name, names)
			}
			t.parts = append(t.parts, titlePart{slot: slot, group: group * bit(open)})
			rest = after
			continue
		case '[':
			if open {
				return errors.New("brackets within brackets")
			}
			group++
			open = true
		case ']':
			if !open {
				return errors.New("a bracket that nothing opens")
			}
			open = false
		}
		rest = rest[1:]
	}
	if open || len(t.parts) == 0 {
		return errors.New("a bracket that nothing closes, or nothing said")
	}
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// title is what a list calls the alert; nothing when no entry holds.
func (a *Alert) title(list map[string][]*titled) string {
	if list == nil {
		return ""
	}
	if s := a.first(list[cmp.Or(a.Text(SlotEventCode), "none")]); s != "" {
		return s
	}
	if a.Title == "" || a.Title == a.Rule.Name {
		return a.first(list[anyCode])
	}
	return ""
}

// first is what the first entry says that holds.
func (a *Alert) first(list []*titled) string {
	for _, t := range list {
		if !t.fits(a) {
			continue
		}
		if s := t.say(a); s != "" {
			return s
		}
	}
	return ""
}

func (t *titled) fits(a *Alert) bool {
	if t.Provider == "" {
		return true
	}
	for f := range a.Each(SlotProvider) {
		if strings.Contains(strings.ToLower(f.Value), t.Provider) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(a.Rule.Name), t.Provider)
}

// say fills the template; nothing when a value is missing that must be there.
func (t *titled) say(a *Alert) string {
	var missing []int
	values := make([]string, len(t.parts))
	for i, p := range t.parts {
		if p.slot == NoSlot {
			values[i] = p.text
			continue
		}
		if values[i] = titleValue(p.slot, a.Text(p.slot)); values[i] == "" {
			if p.group == 0 {
				return ""
			}
			missing = append(missing, p.group)
		}
	}
	var b strings.Builder
	for i, p := range t.parts {
		if !slices.Contains(missing, p.group) {
			b.WriteString(values[i])
		}
	}
	return shortened(b.String(), maxTitle, false)
}

// titleValue is a value as a title has it: bounded, on one line, with nothing in it that hides or steers.
func titleValue(s Slot, v string) string {
	v = strings.Trim(v, `" `)
	end := false // the end of it says most
	switch _, typ := s.Entity(); typ {
	case Process:
		v = v[strings.LastIndexAny(v, `\/`)+1:]
	case Host:
		if _, err := netip.ParseAddr(v); err != nil {
			v, _, _ = strings.Cut(v, ".")
		}
	case File, Registry:
		end = true
	case NoEntity, User, IP, Domain, URL, Hash, Command, Mail, Cloud, Port, entityTypes:
	}
	if strings.Trim(v, "-") == "" {
		return ""
	}
	v = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '\ufffd'
		}
		return r
	}, v)
	return shortened(v, maxTitleValue, end)
}

// shortened leaves so many characters of a text, the first or the last ones.
func shortened(s string, most int, end bool) string {
	n := utf8.RuneCountInString(s)
	if n <= most {
		return s
	}
	r := []rune(s)
	if end {
		return "..." + string(r[n-most+3:])
	}
	return string(r[:most-3]) + "..."
}
