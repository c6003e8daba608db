package indicator_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert/indicator"
)

// Programs that show text make a link of whatever begins with www., whether its end is registered or not.
func TestDefangWhatIsClickable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"see www.evil.test/a.php.":              "see www[.]evil[.]test/a.php.",
		"www.intranet WWW.Evil.Invalid":         "www[.]intranet WWW[.]Evil[.]Invalid",
		"(www.evil.local) <www.a-b.internal>":   "(www[.]evil[.]local) <www[.]a-b[.]internal>",
		"www.evil.onion:8080,_www.evil.example": "www[.]evil[.]onion:8080,_www[.]evil[.]example",
		"www.example.com www.evil.test":         "www[.]example[.]com www[.]evil[.]test",
		"www[.]evil.test www..x www. xwww.y":    "www[[.]]evil.test www..x www. xwww.y",
		"http://www.evil.test/ C:\\www.d\\x":    "hxxp://www[.]evil[.]test/ C:\\www[.]d\\x",
		"www.例え.テスト “www.evil.test”":            "www[.]例え[.]テスト “www.evil.test”",
		"www.bücher.test":                       "www[.]bücher[.]test",
	} {
		var s indicator.Scanner
		got := string(s.Defang(nil, []byte(text)))
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if back := string(indicator.Refang(nil, []byte(got))); back != text {
			t.Errorf("%q came back as %q", text, back)
		}
	}
}
