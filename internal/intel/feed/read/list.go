package read

import (
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// listLine reads a line of a plain list: one indicator, defanged or not, a line of a hosts file or of a blocker's list.
func (r *reader) listLine(line string, at place, raw []byte) error {
	for _, mark := range [...]string{" #", "\t#", " ;", "\t;", " //"} {
		if i := strings.Index(line, mark); i >= 0 {
			line = line[:i]
		}
	}
	line = strings.Trim(strings.TrimSpace(line), `"'`)
	if name, ok := strings.CutPrefix(line, "||"); ok { // ||example.com^$third-party: a blocker's domain and what lies under it
		name, _, _ = strings.Cut(name, "^")
		return r.one("*."+name, at, raw)
	}
	first, more, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	switch first {
	case "0.0.0.0", "127.0.0.1", "::", "::1": // a hosts file sends names there
		if more = strings.TrimSpace(more); more == "" {
			break
		}
		for name := range strings.FieldsSeq(more) {
			if strings.IndexByte(name, '.') < 0 || strings.HasSuffix(name, ".localdomain") || name == "0.0.0.0" {
				r.skip() // localhost and its kin
				continue
			}
			if err := r.one(name, at, raw); err != nil {
				return err
			}
		}
		return nil
	}
	return r.one(first, at, raw) // what stands behind, a count or a country, is not ours to guess
}

// one keeps a text of which only the text tells what it is.
func (r *reader) one(text string, at place, raw []byte) error {
	v, err := ioc.Parse(text)
	if err != nil {
		return r.reject(at, raw, err.Error())
	}
	in := ioc.Indicator{Type: v.Type, Value: v.Text, Wild: v.Wild}
	if v.Port != "" {
		in.AddTag("port " + v.Port)
	}
	return r.keep(&in, at, raw)
}
