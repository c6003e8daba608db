package indicator

// maxPath is how far a path is followed, in bytes.
const maxPath = 1024

// hives are the beginnings of registry keys.
var hives = words(`hklm hkcu hkcr hku hkcc hkey_local_machine hkey_current_user hkey_classes_root hkey_users hkey_current_config`)

// registry reports the registry key that a label begins: HKLM\..., HKLM:\..., <HKCU>\... It returns where to go on, 0 when it
// begins none.
func (s *Scanner) registry(l label) int {
	if !hasFold(s.b, l.from, "hk") || l.len() > 19 || !hives.has(s.b[l.from:l.to]) {
		return 0
	}
	i := l.to
	if c := at(s.b, i); c == ':' || c == '>' {
		i++
	}
	end := windowsPath(s.b, i)
	for end > i && (s.b[end-1] == '.' || s.b[end-1] == ' ') {
		end--
	}
	last := end
	for last > i && s.b[last-1] == '\\' {
		last--
	}
	if last <= i+1 {
		return 0
	}
	s.value = append(s.value[:0], s.b[l.from:l.to]...)
	for ; i < last; i++ {
		if s.b[i] != '\\' || s.b[i-1] != '\\' {
			s.value = append(s.value, s.b[i])
		}
	}
	s.found(Registry, s.value, l.from, end)
	s.path = end
	return end
}

// windowsPath returns the end of the path that goes on with the backslash at i, i when none stands there. A blank belongs to it
// when a further backslash follows within a few words.
func windowsPath(b []byte, i int) int {
	if at(b, i) != '\\' {
		return i
	}
	doubled := at(b, i+1) == '\\' // as in JSON
	limit := min(len(b), i+maxPath)
	for i < limit {
		switch c := b[i]; {
		case c == '\\' && doubled:
			if at(b, i+1) != '\\' {
				return i
			}
			i++
		case c == ' ':
			if !goesOn(b, i, limit, doubled) {
				return i
			}
		case c < ' ', c == '"', c == '<', c == '>', c == '|', c == '*', c == '?', c == ',', c == ';', c == ':', c == 0xe2:
			return i
		}
		i++
	}
	return limit
}

// goesOn tells whether a path goes on behind the blank at i: Program Files (x86)\.
func goesOn(b []byte, i, limit int, doubled bool) bool {
	blanks := 0
	for j := i; j < limit && j < i+48; j++ {
		switch c := b[j]; {
		case c == '\\':
			return b[j-1] != ' ' && doubled == (at(b, j+1) == '\\')
		case c == ' ' && hasFold(b, j+1, "hk"): // the next key
			return false
		case c == ' ':
			if blanks++; blanks > 3 || at(b, j+1) == ' ' || at(b, j+1) == '-' {
				return false
			}
		case !isAlnum(c) && c != '(' && c != ')' && c != '.' && c != '-' && c != '_' || c == '.' && at(b, j+1) == ' ':
			return false
		}
	}
	return false
}
