package stream

const maxKey = 64 // no key that matters here is longer

// cursor looks at a JSON object ahead of pos without consuming it, no further than a record may be long.
type cursor struct {
	w       *window
	i       int
	oneLine bool
}

// peek goes to the next byte that is not blank and returns it; 0 when there is none within reach.
func (c *cursor) peek() byte {
	for c.w.has(c.i) && c.i <= c.w.limit {
		switch b := c.w.rest()[c.i]; b {
		case '\n':
			if c.oneLine {
				return 0
			}
		case ' ', '\t', '\r':
		default:
			return b
		}
		c.i++
	}
	return 0
}

// closes goes past the bracket that ends an object, if that is next.
func (c *cursor) closes() bool {
	if c.peek() != '}' {
		return false
	}
	c.i++
	return true
}

// key goes past the next key and its colon. A key with an escape in it is none that matters.
func (c *cursor) key() (string, bool) {
	if c.peek() == ',' {
		c.i++
	}
	if c.peek() != '"' {
		return "", false
	}
	start := c.i + 1
	for end := start; end-start <= maxKey && c.w.has(end); end++ {
		switch c.w.rest()[end] {
		case '\\', '\n':
			return "", false
		case '"':
			key := string(c.w.rest()[start:end])
			if c.i = end + 1; c.peek() != ':' {
				return "", false
			}
			c.i++
			return key, true
		}
	}
	return "", false
}

// skipValue goes past any value.
func (c *cursor) skipValue() bool {
	switch c.peek() {
	case 0:
		return false
	case '{', '[', '"':
		n, reason := c.w.value(c.i, c.oneLine)
		c.i += n
		return reason == "" && c.i <= c.w.limit
	}
	for c.w.has(c.i) {
		switch c.w.rest()[c.i] {
		case ',', '}', ']', '\n':
			return true
		case '{', '[', '"', ':':
			return false
		}
		c.i++
	}
	return false
}

// emptyArray reports whether the array at i holds nothing.
func (c *cursor) emptyArray() bool {
	ahead := *c
	ahead.i++
	return ahead.peek() == ']'
}

// alertFollows looks behind the array at i for a key that makes the object an alert. A response too long to be a record
// cannot be an alert, so what lies beyond the limit does not matter.
func (c *cursor) alertFollows() bool {
	for c.skipValue() {
		for c.closes() {
		}
		key, ok := c.key()
		if !ok {
			return false
		}
		if isAlertKey(key) {
			return true
		}
	}
	return false
}
