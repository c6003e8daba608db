package view

import "strings"

// families are the CEF keys whose meaning is given by a key of the same name with "Label" after it.
var families = [...]string{
	"cs", "cn", "cfp", "c6a", "flexString", "flexNumber", "flexDate", "deviceCustomString",
	"deviceCustomNumber", "deviceCustomDate", "deviceCustomFloatingPoint", "deviceCustomIPv6Address",
}

// customs pairs labels with the values they name: cs1Label=Policy cs1=Guests says that Policy is Guests. When a record
// repeats one of them, the first counts here; "ext" has them all.
type customs [len(families) * 10]struct{ label, value string }

func (c *customs) note(key, value string) {
	if value == "" {
		return
	}
	base, isLabel := strings.CutSuffix(key, "Label")
	slot, ok := customSlot(base)
	switch {
	case !ok:
	case isLabel && c[slot].label == "":
		c[slot].label = value
	case !isLabel && c[slot].value == "":
		c[slot].value = value
	}
}

func customSlot(key string) (int, bool) {
	if len(key) < 3 || key[0] != 'c' && key[0] != 'f' && key[0] != 'd' {
		return 0, false
	}
	digit := key[len(key)-1]
	if digit < '0' || digit > '9' {
		return 0, false
	}
	for i, family := range families {
		if key[:len(key)-1] == family {
			return i*10 + int(digit-'0'), true
		}
	}
	return 0, false
}

func (c *customs) write(o *object) {
	opened := false
	for i := range c {
		if c[i].label == "" || c[i].value == "" {
			continue
		}
		if !opened {
			o.open("labels")
			opened = true
		}
		o.member(c[i].label, c[i].value)
	}
	if opened {
		o.end()
	}
}
