package nftables

import (
	"context"
	"net/netip"
	"time"

	"github.com/tidwall/gjson"
)

// element is what of a set has an address or range in it.
type element struct {
	from, to netip.Addr
	left     string
}

// is tells whether an element is exactly this address or range.
func (e *element) is(p netip.Prefix) bool { return e.from == p.Masked().Addr() && e.to == lastOf(p) }

func (e *element) aside(p netip.Prefix) string {
	if e.is(p) {
		return e.left
	}
	return " as a part of " + e.from.String() + "-" + e.to.String() + e.left
}

// look finds the element that has the address or range in it; nil: none has.
func (f *Firewall) look(ctx context.Context, p netip.Prefix, set string) (*element, error) {
	out, err := f.nft(ctx, "-j", "list", "set", f.set.Family, f.set.Table, set)
	if err != nil {
		return nil, err
	}
	for _, v := range gjson.Get(out, "nftables.#.set.elem|0").Array() {
		e := element{}
		if inner := v.Get("elem"); inner.Exists() {
			v = inner.Get("val")
			if s := inner.Get("expires"); s.Exists() {
				e.left = ", for another " + (time.Duration(s.Int()) * time.Second).String()
			}
		}
		if e.from, e.to = span(v); e.from.IsValid() && e.to.IsValid() && !p.Masked().Addr().Less(e.from) && !e.to.Less(lastOf(p)) {
			return &e, nil
		}
	}
	return nil, nil //nolint:nilnil // none is an answer
}

// span reads an element of a set: an address, a prefix or a range.
func span(v gjson.Result) (from, to netip.Addr) {
	text, end := v.Str, ""
	if pre := v.Get("prefix"); pre.Exists() {
		p, err := netip.ParsePrefix(pre.Get("addr").Str + "/" + pre.Get("len").String())
		if err != nil {
			return from, to
		}
		return p.Masked().Addr(), lastOf(p)
	}
	if r := v.Get("range"); r.Exists() {
		text, end = r.Get("0").Str, r.Get("1").Str
	}
	from, _ = netip.ParseAddr(text) // what is none covers nothing
	if end == "" {
		return from, from
	}
	to, _ = netip.ParseAddr(end)
	return from, to
}

// lastOf is the last address of a range.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
