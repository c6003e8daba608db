package term

import "testing"

// Inside the package because a test run has no terminal of its own to ask through New.
func TestColourObeysTheEnvironment(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		env  map[string]string
		want bool
	}{
		"nothing said":             {nil, true},
		"an ordinary terminal":     {map[string]string{"TERM": "xterm-256color"}, true},
		"NO_COLOR":                 {map[string]string{"NO_COLOR": "1"}, false},
		"NO_COLOR, whatever it is": {map[string]string{"NO_COLOR": "false"}, false},
		"an empty NO_COLOR":        {map[string]string{"NO_COLOR": ""}, true},
		"a dumb terminal":          {map[string]string{"TERM": "dumb"}, false},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := wantsColor(func(k string) string { return row.env[k] }); got != row.want {
				t.Errorf("wantsColor = %v, want %v", got, row.want)
			}
		})
	}
}
