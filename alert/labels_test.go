package alert

import "testing"

func TestLabels(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Q [0001 D NOERROR] A (3)www(7)example(3)com(0)": "www.example.com",
		"(7)example(3)com":       "",
		"(3)www(7)example(0)":    "www.example",
		"(6)a(2)bc(3)com(0)":     "a(2)bc.com", // an intruder's label that looks like a length
		"(3)ww(7)example(0)":     "ww.example", // changed on the way
		"(0)":                    "",
		"(64)x(0)":               "",
		"(x)(3)com(0)":           "com",
		"([)(9)":                 "",
		"(3)abc":                 "",
		"www.example.com":        "",
		"(3)www(7)ex\xffmple(0)": "www.ex\xffmple",
	} {
		got := ""
		labels(text, func(name string) { got = name })
		if got != want {
			t.Errorf("labels(%q) = %q, want %q", text, got, want)
		}
	}
}
