package render

import "github.com/tidwall/gjson"

// sheet is a verdict's document taken apart: a screen looks at it again with every change of its size.
type sheet struct {
	members map[string]gjson.Result
	signals []gjson.Result
}

func (s *sheet) text(name string) string { return s.members[name].Str }

func sheetOf(doc []byte) sheet {
	s := sheet{members: map[string]gjson.Result{}}
	gjson.ParseBytes(doc).ForEach(func(k, v gjson.Result) bool {
		s.members[k.Str] = v
		return true
	})
	s.signals = s.members["signals"].Array()
	return s
}

// Read takes the documents of the case's verdicts apart. Whoever loads a case does it there, so that its screen does not have to; what was
// not read is read when it is needed.
func (f *CaseFile) Read() *CaseFile {
	if len(f.sheets) != len(f.Verdicts) {
		f.sheets = make([]sheet, len(f.Verdicts))
		for i := range f.Verdicts {
			f.sheets[i] = sheetOf(f.Verdicts[i])
		}
	}
	return f
}
