package redact

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Session is the redaction of one request: it knows who is who in one alert and what stands for what. It is not safe for concurrent use.
type Session struct {
	r       *Redactor
	own     own
	foreign []string // domains of senders of mail, in lower case
	secrets []string // those found in the fields, in lower case
	fields  []alert.Field
	table   map[string]string // what was replaced, by what stands for it
	back    *strings.Replacer
	held    map[alert.Path]bool // paths of the slots that are replaced
	nested  int                 // how deep in encoded text Text is
	err     error
}

// Begin reads the fields of an alert for names. A field without a slot is read by the last key of its path. The session keeps fields.
func (r *Redactor) Begin(fields []alert.Field) *Session {
	s := &Session{r: r, fields: fields, table: map[string]string{}, held: map[alert.Path]bool{}}
	s.own.domains = slices.Clone(r.domains)
	s.gather(fields)
	return s
}

// Value redacts the value at a path: behind a key that says so, all of it is a secret.
func (s *Session) Value(p alert.Path, v string) string {
	if s.isSecret(p) && !masked(v) {
		return s.stand("secret-value", v)
	}
	return s.Text(v)
}

func (s *Session) isSecret(p alert.Path) bool {
	if s.held[p] {
		return true
	}
	steps := p.Steps()
	for i := range min(len(steps), 2) { // tokens.0 is one too
		if opens(steps[len(steps)-1-i]) {
			return true
		}
	}
	return false
}

// Path redacts the steps of a path; RestorePath puts them back.
func (s *Session) Path(p alert.Path) alert.Path { return eachStep(p, s.Text) }

// RestorePath is Restore for a path.
func (s *Session) RestorePath(p alert.Path) alert.Path { return eachStep(p, s.Restore) }

func eachStep(p alert.Path, change func(string) string) alert.Path {
	steps := p.Steps()
	for i := range steps {
		steps[i] = change(steps[i])
	}
	return alert.NewPath(steps...)
}

// Text redacts a text. It takes time linear in the text's length.
func (s *Session) Text(v string) string {
	list := s.spans(v)
	if len(list) == 0 {
		return v
	}
	b := make([]byte, 0, len(v)+16*len(list))
	at := 0
	for _, p := range list {
		b = append(append(b, v[at:p.from]...), s.stand(p.kind, v[p.from:p.to])...)
		at = p.to
	}
	return string(append(b, v[at:]...))
}

// spans are the parts of a text to replace, in order and apart from each other. Of two that overlap the outer one counts, widened to
// both: nothing of either may stay.
func (s *Session) spans(v string) []span {
	var list []span
	low := strings.ToLower(v)
	for i := range s.r.secrets {
		list = append(list, s.r.secrets[i].find(v, low)...)
	}
	secrets := len(list)
	list = s.r.addresses(v, list)
	list = s.shaped(v, low, list)
	list = withoutLogins(v, list, secrets)
	list = s.own.names.find(v, list)
	list = s.r.names.find(v, list)
	list = s.carried(v, list)
	slices.SortStableFunc(list, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	kept := list[:0]
	for _, p := range list {
		if n := len(kept); n > 0 && p.from < kept[n-1].to {
			if last := &kept[n-1]; p.to > last.to {
				last.to = p.to
				if !strings.HasPrefix(last.kind, "secret") {
					last.kind = cmp.Or(secretly(p.kind), "name")
				}
			}
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// withoutLogins leaves out what looked like a mail address but is the end of user:password@host. The first spans are secrets.
func withoutLogins(v string, list []span, secrets int) []span {
	ends := map[int]int{} // where secrets begin, by where they end
	for _, p := range list[:secrets] {
		if from, ok := ends[p.to]; !ok || p.from < from {
			ends[p.to] = p.from
		}
	}
	if len(ends) == 0 {
		return list
	}
	kept := list[:secrets]
	for _, p := range list[secrets:] {
		if p.kind == "mail" {
			if from, ok := ends[p.from+strings.IndexByte(v[p.from:p.to], '@')]; ok && from <= p.from {
				continue
			}
		}
		kept = append(kept, p)
	}
	return kept
}

func secretly(kind string) string {
	if strings.HasPrefix(kind, "secret") {
		return kind
	}
	return ""
}

// shaped finds what its form tells: mail addresses, SIDs, names under the estate's domains.
func (s *Session) shaped(v, low string, list []span) []span {
	shapes := &s.r.shapes
	if strings.Contains(v, "@") {
		for _, m := range shapes.mail.FindAllStringIndex(v, -1) {
			at := m[0] + strings.IndexByte(v[m[0]:m[1]], '@')
			switch dot := strings.LastIndexByte(v[at:m[1]], '.'); {
			case dot > 0 && v[at+dot+1]-'0' > 9:
				list = append(list, span{m[0], m[1], "mail"})
			case v[at+1]-'0' > 9 || strings.Count(v[at:m[1]], ".") == 3:
				list = append(list, span{m[0], at, "user"}) // user@host, user@192.0.2.1
			}
		}
	}
	if strings.Contains(low, "s-1-5-21-") {
		for _, m := range shapes.sid.FindAllStringIndex(v, -1) {
			list = append(list, span{m[0], m[1], "sid"})
		}
	}
	if strings.Contains(low, "ip-") {
		for _, m := range shapes.dashed.FindAllStringIndex(v, -1) {
			list = append(list, span{m[0], m[1], "host"})
		}
	}
	for _, m := range shapes.dotted.FindAllStringIndex(v, -1) {
		name := strings.ToLower(v[m[0]:m[1]])
		if _, ok := under(name, s.own.domains); ok || isInner(name) {
			list = append(list, span{m[0], m[1], "fqdn"})
		}
	}
	return list
}

// Err tells that what Text returned cannot be restored, because two values came to have one replacement. It happens once in
// billions of requests.
func (s *Session) Err() error { return s.err }

// Restore puts back what was replaced, in whatever text.
func (s *Session) Restore(text string) string {
	if s.back == nil {
		s.back = s.replacer("")
	}
	return s.back.Replace(text)
}

// replacer restores, or puts one text in the place of all that was replaced. The longest replacement counts: 10.1.2.3 begins 10.1.2.33.
func (s *Session) replacer(by string) *strings.Replacer {
	list := make([]string, 0, len(s.table))
	for p := range s.table {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(list))
	for _, p := range list {
		pairs = append(pairs, p, cmp.Or(by, s.table[p]))
	}
	return strings.NewReplacer(pairs...)
}
