package indicator

// softBreak is the length of a soft line break at i. Behind another = it is no break: base64 ends so.
func softBreak(b []byte, i int) int {
	switch {
	case at(b, i) != '=' || at(b, i-1) == '=':
	case at(b, i+1) == '\n':
		return 2
	case at(b, i+1) == '\r' && at(b, i+2) == '\n':
		return 3
	}
	return 0
}

// softly tells whether the link at i stands in quoted-printable text, where every = is written as =3D. An = is encoded right in
// front of it, or its line or the one before is broken softly, such lines having at most 76 bytes; and the link itself agrees.
func softly(b []byte, i int) bool {
	return (hasFold(b, i-3, "=3d") || hasFold(b, i-4, "=3d\"") || hasFold(b, i-4, "=3d'") || broken(b, i)) && agrees(b, i)
}

// agrees tells whether the first lines of the link at i have signs that read as encoded ones, and no other.
func agrees(b []byte, i int) bool {
	encoded := false
	for j := i; j < len(b) && j < i+256; j++ {
		switch {
		case softBreak(b, j) > 0:
			encoded = true
			j += softBreak(b, j) - 1
		case urlBytes[b[j]] == stop:
			return encoded
		case b[j] == '=':
			c, n := hexByte(b, j)
			if n == 0 {
				return false
			}
			encoded = encoded || c == '='
		}
	}
	return encoded
}

// broken tells whether the line at i or the one before is broken softly.
func broken(b []byte, i int) bool {
	for j := i; j < len(b) && j < i+78 && b[j] != '\n'; j++ {
		if softBreak(b, j) > 0 {
			return true
		}
	}
	for j := i; j > 0 && j > i-78; j-- {
		if b[j-1] == '\n' {
			return at(b, j-2) == '=' || at(b, j-2) == '\r' && at(b, j-3) == '='
		}
	}
	return false
}
