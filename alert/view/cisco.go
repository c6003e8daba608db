package view

import "strings"

// cisco reads %FACILITY-SEVERITY-MNEMONIC: text, and the pairs or labels of the text.
func cisco(o *object, s string) bool {
	i := nearBegin(s, "%")
	if i < 0 {
		return false
	}
	code, text, found := strings.Cut(s[i+1:], ":")
	last := strings.LastIndexByte(code, '-')
	if !found || last < 3 || len(code) > 128 || !capitals(code) {
		return false
	}
	before, mnemonic := code[:last], code[last+1:]
	n := len(before)
	if mnemonic == "" || before[n-2] != '-' || !digit(before[n-1]) {
		return false
	}
	text = strings.TrimSpace(text)
	o.open("cisco")
	o.member("facility", before[:n-2])
	o.member("severity", before[n-1:])
	o.member("mnemonic", mnemonic)
	o.known("text", text)
	o.end()
	if kept, d := keptPairs(text); len(kept) >= 2 {
		writePairs(o, text, kept, d)
	} else {
		writeLabels(o, text, labelDelimiter(text))
	}
	return true
}

func capitals(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !digit(c) && (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
