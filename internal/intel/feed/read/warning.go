package read

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// MISP warning lists: values that are no evidence although feeds keep naming them: public resolvers, content networks, top sites.
// Source: https://github.com/MISP/misp-warninglists (schema.json).

// warningHead is what a list says about itself; it may stand behind the list.
type warningHead struct {
	Name    string
	Type    string
	Applies []string
}

func (r *reader) warnings() error {
	head, err := r.warningHead()
	if err != nil {
		return err
	}
	r.res.Warning, r.res.Title = true, ioc.Cut(head.Name, 128)
	r.res.Applies = applies(head.Applies)
	want := func(path string) step {
		switch path {
		case "", ".list":
			return descend
		case ".list[]":
			return take
		}
		return pass
	}
	return r.walk(want, func(_ string, raw json.RawMessage, at place) error {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return r.reject(at, raw, "no text: "+err.Error())
		}
		in, err := warningEntry(head.Type, strings.TrimSpace(text))
		if err != nil {
			return r.reject(at, raw, err.Error())
		}
		return r.keep(&in, at, raw)
	})
}

func (r *reader) warningHead() (head warningHead, err error) {
	want := func(path string) step {
		switch path {
		case "", ".matching_attributes":
			return descend
		case ".name", ".type", ".matching_attributes[]":
			return take
		}
		return pass
	}
	err = r.walk(want, func(path string, raw json.RawMessage, _ place) error {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return nil
		}
		switch path {
		case ".name":
			head.Name = text
		case ".type":
			head.Type = text
		default:
			if len(head.Applies) < 1000 {
				head.Applies = append(head.Applies, text)
			}
		}
		return nil
	})
	if err != nil {
		return head, err
	}
	switch head.Type {
	case "string", "substring", "hostname", "cidr", "regex":
		return head, nil
	}
	return head, fmt.Errorf("%w: a warning list of type %q", ErrNotFeed, head.Type)
}

// warningEntry reads one entry as the list's type says.
func warningEntry(typ, text string) (in ioc.Indicator, err error) {
	switch typ {
	case "substring":
		in.Type, in.Value = ioc.Substring, strings.ToLower(text)
		if len(text) < 2 {
			err = fmt.Errorf("%q is in everything", text)
		}
		return in, err
	case "regex":
		in.Type, in.Value = ioc.Regex, bareExpression(text)
		_, err = regexp.Compile(in.Value)
		return in, err
	case "hostname":
		in.Type, in.Wild = ioc.Domain, true
		in.Value, err = ioc.Domain.Normal(strings.TrimPrefix(text, "."))
		return in, err
	case "cidr":
		if p, perr := netip.ParsePrefix(text); perr == nil {
			in.Type = ioc.CIDR
			in.Value, err = ioc.CIDR.Normal(p.String())
			return in, err
		}
	}
	v, err := ioc.Parse(text)
	in.Type, in.Value, in.Wild = v.Type, v.Text, v.Wild
	return in, err
}

// bareExpression takes off the slashes that PHP wants around an expression.
func bareExpression(s string) string {
	i := strings.LastIndexByte(s, '/')
	if len(s) < 2 || s[0] != '/' || i == 0 {
		return s
	}
	if strings.Contains(s[i+1:], "i") {
		return "(?i)" + s[1:i]
	}
	return s[1:i]
}

// applies turns the types of MISP's attributes into ours. Both halves of a composite count.
func applies(names []string) (list []ioc.Type) {
	var seen [ioc.Types]bool
	for _, name := range names {
		for kind := range strings.SplitSeq(mispTypes[name], "|") {
			switch kind {
			case "ip":
				seen[ioc.IP], seen[ioc.CIDR] = true, true
			case "hash":
				seen[ioc.MD5], seen[ioc.SHA1], seen[ioc.SHA256], seen[ioc.SHA512] = true, true, true, true
			default:
				if t, ok := ioc.TypeOf(kind); ok {
					seen[t] = true
				}
			}
		}
	}
	for t, ok := range seen {
		if ok {
			list = append(list, ioc.Type(t))
		}
	}
	return list
}
