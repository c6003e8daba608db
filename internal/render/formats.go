package render

import (
	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Formats appends a table of the products that are recognised: by how many marks, and from which documentation.
func Formats(b []byte, p Paper, list []*alert.Format) []byte {
	const (
		gap      = 2
		narrow   = 4  // columns of vendor and product at the least
		readable = 40 // with less room beside it, the documentation goes below
	)
	name, vendor, product := len("format"), narrow, narrow
	for _, f := range list {
		name = max(name, term.Width(clean(f.Name)))
	}
	left := p.width - name - 3*gap - len("marks")
	limit := min(max(left/2, narrow), p.width/4)
	for _, f := range list {
		vendor = max(vendor, min(limit, term.Width(clean(f.Vendor))))
		product = max(product, min(limit, term.Width(clean(f.Product))))
	}
	row := func(cells [5]string) {
		line := cell(cells[0], name+gap) + cell(cells[1], vendor+gap) + cell(cells[2], product+gap) + pad(cells[3], len("marks"))
		if p.width-term.Width(line) >= readable {
			b = p.line(b, 0, line+"  "+cells[4])
			return
		}
		b = p.line(b, 0, line)
		b = p.wrap(b, 4, cells[4])
	}
	row([5]string{"format", "vendor", "product", "marks", "written from"})
	for _, f := range list {
		row([5]string{clean(f.Name), clean(f.Vendor), clean(f.Product), Count(int64(len(f.Detect))), clean(f.About)})
	}
	return b
}

// cell is clean text cut and filled to w columns, two of them blank.
func cell(s string, w int) string {
	s = term.Truncate(s, w-2)
	return s + pad("", w-term.Width(s))
}

// FormatJSON appends a format as a document of kind format, version 1.
func FormatJSON(b []byte, f *alert.Format) []byte {
	b = append(b, `{"kind":"format","version":1`...)
	b = wire.Text(b, "format", f.Name)
	b = wire.Text(b, "vendor", f.Vendor)
	b = wire.Text(b, "product", f.Product)
	b = wire.Int(b, "marks", int64(len(f.Detect)))
	return append(wire.Text(b, "about", f.About), '}')
}
