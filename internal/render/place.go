package render

import (
	"fmt"

	"github.com/seed-959697dd/soc/alert"
)

// placed says where a record stands: in a file by line, in a system by what that calls it.
func placed(p *alert.Place) string {
	if p.Item != "" {
		return clean(p.Name) + ", item " + clean(p.Item)
	}
	return fmt.Sprintf("%s:%d", clean(p.Name), p.Line)
}

// bytesOf says where in its input a record begins; a system has no bytes.
func bytesOf(p *alert.Place) string {
	if p.Item != "" {
		return ""
	}
	return ", byte " + Count(p.Offset)
}
