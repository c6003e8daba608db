package prompt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/prompt"
)

// seeded is one generated alert and what of it nobody else may read.
type seeded struct {
	raw     string
	secrets []string // identities among them
}

const (
	lower  = "bcdfghjklmnpqrstvwxz"
	digits = "0123456789"
	word   = lower + "ABCDEFGHJKLMNPQRSTUVWXYZ" + digits
)

func random(rng *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return string(b)
}

// generate makes an alert of one of several products, about a made-up user at a made-up host with a made-up secret in the command line.
func generate(rng *rand.Rand, i int) seeded {
	user, host := "u"+random(rng, lower, 6), strings.ToUpper("h"+random(rng, lower, 4)+"-"+random(rng, digits, 3))
	org := "o" + random(rng, lower, 7)
	domain := org + [...]string{".example", ".local", ".example.com"}[rng.IntN(3)]
	ip := fmt.Sprintf([...]string{"10.%d.%d.%d", "192.168.%[2]d.%[3]d", "172.16.%[2]d.%[3]d"}[rng.IntN(3)], 1+rng.IntN(190), rng.IntN(256), 1+rng.IntN(254))
	ip = strings.Split(ip, "%!")[0]
	pass := random(rng, word, 10) + random(rng, digits, 2)
	token := [...]string{"ghp_" + random(rng, word, 36), "AKIA" + strings.ToUpper(random(rng, lower+digits, 16)), "glpat-" + random(rng, word, 20), "xoxb-" + random(rng, digits, 12) + "-" + random(rng, word, 20)}[rng.IntN(4)]
	commands := []string{
		fmt.Sprintf(`net user %s %s /add & echo %s`, user, pass, token),
		fmt.Sprintf(`psexec.exe \\%s -u %s\%s -p %s cmd /c set T=%s`, host, org, user, pass, token),
		fmt.Sprintf(`curl -u %s:%s -H "X-Token: %s" https://intra.%s/a -o C:\Users\%s\a.exe`, user, pass, token, domain, user),
		fmt.Sprintf(`git clone https://%s:%s@git.%s/x.git && GH=%s`, user, pass, domain, token),
		fmt.Sprintf(`sqlcmd -S %s -U %s -P %s -Q "select '%s'"`, ip, user, pass, token),
		fmt.Sprintf(`powershell $p = ConvertTo-SecureString '%s' -AsPlainText; New-PSDrive \\%s\c$ # %s`, pass, ip, token),
	}
	command := commands[i%len(commands)]
	type object = map[string]any
	var doc any
	switch i % 5 {
	case 0:
		doc = object{
			"rule": object{"id": "92032", "level": 10, "description": "Suspicious command"}, "agent": object{"name": host, "ip": ip, "id": "004"}, "manager": object{"name": "mgr." + domain},
			"id": fmt.Sprint("1767.", i), "location": "EventChannel", "full_log": fmt.Sprintf("%s ran %s on %s (%s)", user, command, host, ip),
			"data": object{"win": object{"system": object{"computer": host + "." + domain, "eventID": "1"}, "eventdata": object{"commandLine": command, "user": org + `\` + user}}},
		}
	case 1:
		doc = object{
			"@timestamp": "2026-02-01T10:00:00Z", "event": object{"kind": "alert", "code": "1"}, "host": object{"name": host, "ip": []string{ip}, "hostname": host + "." + domain},
			"user": object{"name": user, "domain": org, "email": user + "@" + domain}, "process": object{"command_line": command, "executable": `C:\Users\` + user + `\a.exe`},
			"message": fmt.Sprintf("User %s from %s: %s", user, ip, command), "rule": object{"name": "Seeded"},
		}
	case 2:
		inner, _ := json.Marshal(object{"user": user, "host": host, "cmd": command, "password": pass})
		doc = object{"id": fmt.Sprint("g", i), "title": "Login of " + user + "@" + domain, "username": user, "hostname": host, "src_ip": ip, "payload": string(inner), "api_key": token, "text": command}
	case 3:
		doc = object{
			"Event": object{
				"System":    object{"EventID": 4688, "Computer": host + "." + domain, "Channel": "Security", "Provider": object{"Name": "Microsoft-Windows-Security-Auditing"}},
				"EventData": object{"SubjectUserName": user, "SubjectDomainName": strings.ToUpper(org), "NewProcessName": `C:\Users\` + user + `\x.exe`, "CommandLine": command, "IpAddress": "::ffff:" + ip},
			},
		}
	default:
		return seeded{fmt.Sprintf("Feb  1 10:00:00 %s sshd[42]: Failed password for %s from %s port 22 ssh2; cmd=%s", host, user, ip, command), kept(command+host+ip, user, host, ip, pass, token)}
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		panic(err) // maps of strings
	}
	return seeded{string(raw), kept(string(raw), user, host, org, ip, pass, token, domain)}
}

// kept are those that really stand in the text.
func kept(raw string, all ...string) []string {
	var list []string
	for _, s := range all {
		if strings.Contains(raw, s) {
			list = append(list, s)
		}
	}
	return list
}

func TestNothingOfTheEstateLeaves(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	c := composer(t, prompt.Settings{Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}})
	said := 0
	for i := range 1000 {
		s := generate(rng, i)
		a := parse(t, s.raw)
		about := prompt.About{Policy: "people of " + s.secrets[0] + " may not run curl", Estate: []string{s.secrets[0] + " works on " + s.secrets[1]}}
		q, err := c.Ask(a, about, true)
		if err != nil {
			t.Fatalf("%v: %s", err, s.raw)
		}
		sent := strings.ToLower(string(prompt.Show(q.Request)))
		for _, secret := range s.secrets {
			said++
			if strings.Contains(sent, strings.ToLower(secret)) {
				t.Errorf("alert %d: %s leaves in\n%s\nof\n%s", i, secret, q.Request.Alert, s.raw)
			}
		}
		local, err := c.Ask(a, about, false)
		if err != nil {
			t.Fatal(err)
		}
		if own := local.Request.Shared + local.Request.Alert; !strings.Contains(strings.ToLower(own), strings.ToLower(s.secrets[0])) {
			t.Errorf("alert %d: a model of one's own is not told %s", i, s.secrets[0])
		}
	}
	if said < 5000 {
		t.Errorf("only %d seeds were looked for", said)
	}
}

func TestEverySampleCanBeSent(t *testing.T) {
	t.Parallel()
	c := composer(t, prompt.Settings{})
	for _, a := range everySample(t) {
		q, err := c.Ask(a, prompt.About{}, true)
		if err != nil {
			t.Errorf("%s: %v", a.Format, err)
			continue
		}
		citeAll(t, q, block(t, q.Request.Alert))
	}
}

// citeAll answers with the rows of the block themselves: every claim must hold, by whatever names it was shown.
func citeAll(t *testing.T, q *prompt.Question, rows [][]any) {
	t.Helper()
	for _, r := range rows {
		value := r[2].(string)
		if len(value) > 900 || value == "" {
			continue
		}
		read, err := q.Read(answer(t, "malicious", [3]string{r[0].(string), value, "x"}))
		if err != nil || len(read.Claims) != 1 {
			t.Errorf("the row %q does not hold when it is cited: %v, %+v", r, err, read)
		}
	}
}

// block is the alert in a request.
func block(t *testing.T, text string) [][]any {
	t.Helper()
	_, text, _ = strings.Cut(text, "<<<alert ")
	_, text, _ = strings.Cut(text, ">>>\n")
	text, _, ok := strings.Cut(text, "\n<<<end of alert ")
	var rows [][]any
	if err := json.Unmarshal([]byte(text), &rows); err != nil || !ok {
		t.Fatalf("no block of JSON: %v\n%s", err, text)
	}
	return rows
}

// answer spells an answer of the right shape.
func answer(t testing.TB, verdict string, claims ...[3]string) prompt.Answer {
	t.Helper()
	type claim struct {
		Path  string `json:"path"`
		Value string `json:"value"`
		Text  string `json:"text"`
	}
	list := []claim{}
	for _, c := range claims {
		list = append(list, claim{c[0], c[1], c[2]})
	}
	b, err := json.Marshal(map[string]any{"claims": list, "questions": []string{"host-alerts"}, "verdict": verdict, "confidence": 80})
	if err != nil {
		t.Fatal(err)
	}
	return prompt.Answer{Text: string(b), Finish: "stop"}
}

func TestWhatRemainsIsNotSent(t *testing.T) {
	t.Parallel()
	c := composer(t, prompt.Settings{})
	// No key tells that the two texts beside the alert are about a user; the fields of the alert do.
	a := parse(t, `{"kind":"x","username":"uqvwxz","src_ip":"192.0.2.1"}`)
	if _, err := c.Ask(a, prompt.About{Rule: []string{"seen before with uqvwxz"}}, true); err != nil {
		t.Errorf("what is known beside the alert is not redacted with its names: %v", err)
	}
	var flood strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&flood, "/home/%s%d/ ", random(rand.New(rand.NewPCG(uint64(i), 1)), lower, 6), i)
	}
	big := parse(t, `{"kind":"x","username":"uqvwxz","text":"`+flood.String()+`"}`)
	if _, err := c.Ask(big, prompt.About{}, true); !errors.Is(err, prompt.ErrResidue) {
		t.Errorf("an alert with more names than can be replaced is sent: %v", err)
	}
	if _, err := c.Ask(big, prompt.About{}, false); err != nil {
		t.Errorf("a model of one's own may read it: %v", err)
	}
}
