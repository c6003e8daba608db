package redact_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/prompt/redact"
)

// random is a string of n characters of an alphabet.
func random(rng *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return string(b)
}

// secrets holds one text per shape of secret, and the secret in it. They are made up at run time, so that no scanner finds them here.
func secrets(rng *rand.Rand) map[string][2]string {
	const lower, digits = "abcdefghijkmnopqrstuvwxyz", "0123456789"
	upper := strings.ToUpper(lower) + digits
	word := lower + upper
	hex := digits + "abcdef"
	pass := random(rng, lower, 5) + random(rng, digits, 3) + "!"
	out := map[string][2]string{}
	put := func(name, format, secret string) {
		out[name] = [2]string{strings.Replace(format, "@@", secret, 1), secret}
	}
	put("AWS key id", "used @@ from the console", "AKIA"+random(rng, upper, 16))
	put("AWS secret", "aws_secret_access_key = @@", random(rng, word+"/+", 40))
	put("Google API key", "https://maps.example.com/?key=@@", "AIza"+random(rng, word, 35))
	put("Google OAuth", "auth ya29.@@", random(rng, word, 40))
	put("Azure storage", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=@@;EndpointSuffix=core", random(rng, word, 86)+"==")
	put("Azure SAS", "https://a.example.com/c?sv=2022&sig=@@&se=2027", random(rng, word, 43)+"%3D")
	put("Azure client secret", "secret was @@.", "abc8Q~"+random(rng, word, 34))
	put("GitHub", "git clone with @@ failed", "ghp_"+random(rng, word, 36))
	put("GitHub, fine-grained", "@@", "github_pat_"+random(rng, word, 60))
	put("GitLab", "PRIVATE: @@", "glpat-"+random(rng, word, 20))
	put("Slack", "token is @@", "xoxb-"+random(rng, digits, 12)+"-"+random(rng, word, 24))
	put("Slack hook", "curl https://hooks.slack.com/services/@@", "T"+random(rng, upper, 8)+"/B"+random(rng, upper, 8)+"/"+random(rng, word, 24))
	put("Stripe", "charge with @@", "sk_live_"+random(rng, word, 24))
	put("OpenAI", "OPENAI @@", "sk-proj-"+random(rng, word, 40))
	put("npm", "//registry.example.com/:_authToken=@@", "npm_"+random(rng, word, 36))
	put("SendGrid", "@@", "SG."+random(rng, word, 22)+"."+random(rng, word, 43))
	put("Vault", "VAULT @@", "hvs."+random(rng, word, 24))
	put("JWT", "got @@ back", "eyJ"+random(rng, word, 30)+".eyJ"+random(rng, word, 60)+"."+random(rng, word, 43))
	put("private key", "x\n-----BEGIN RSA PRIVATE KEY-----\n@@\n-----END RSA PRIVATE KEY-----", random(rng, word, 64))
	put("private key, cut", "-----BEGIN PRIVATE KEY----- @@", random(rng, word, 64))
	put("URL", "https://svc:@@@git.example.com/a.git", random(rng, word, 12))
	put("basic", "Authorization: Basic @@", random(rng, word, 24)+"==")
	put("bearer", "-H 'Authorization: Bearer @@'", random(rng, word, 32))
	put("cookie", "Cookie: @@", "sid="+random(rng, word, 20))
	put("crypt", "root:@@:19000:0:", "$6$"+random(rng, word, 8)+"$"+random(rng, word, 43))
	put("LM and NT hash", "psexec.py -hashes @@ a", random(rng, hex, 32)+":"+random(rng, hex, 32))
	put("net user", `net user eve @@ /add`, pass)
	put("net use", `net use z: \\srv\c$ /user:corp\eve @@`, pass)
	put("-p", `psexec \\srv -u corp\eve -p @@ cmd`, pass)
	put("--password", `tool --password @@ run`, pass)
	put("--db-password=", `tool --db-password="@@" run`, pass+" "+pass)
	put("/pass:", `cmdkey /add:srv /user:eve /pass:@@`, pass)
	put("mysql -p", `mysql -u root -p@@ db`, pass)
	put("sshpass", `sshpass -p '@@' ssh srv`, pass)
	put("curl -u", `curl -u eve:@@ https://a.example.com`, pass)
	put("impacket", `secretsdump.py corp/eve:@@@192.0.2.7`, pass)
	put("PowerShell", `ConvertTo-SecureString "@@" -AsPlainText -Force`, pass)
	put("PWD=", `Driver=SQL;Server=db;UID=sa;PWD=@@;`, pass)
	put("connection string", `Server=db;User Id=sa;Password=@@;Encrypt=true`, pass)
	put("JSON", `{"a":1,"password":"@@"}`, pass)
	put("JSON in JSON", `{\"password\":\"@@\",\"a\":1}`, pass)
	put("environment", `export DB_PASSWORD=@@`, pass)
	put("query", `https://a.example.com/?access_token=@@&x=1`, random(rng, word, 20))
	put("key word", `signing-key-v2: @@`, random(rng, word+digits, 40))
	return out
}

func TestNoSecretStays(t *testing.T) {
	t.Parallel()
	r := redactor(t)
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := secrets(rng)
	if len(kinds) < 25 {
		t.Fatalf("only %d kinds", len(kinds))
	}
	for range 20 {
		for name, s := range secrets(rng) {
			session := r.Begin(nil)
			got := session.Text(s[0])
			if strings.Contains(got, s[1]) {
				t.Errorf("%s: %q stays in %q", name, s[1], got)
			}
			if err := session.Residue([]string{got}); err != nil {
				t.Errorf("%s: %q is refused: %v", name, got, err)
			}
			if err := r.Begin(nil).Residue([]string{s[0]}); !errors.Is(err, redact.ErrResidue) {
				t.Errorf("%s: %q would leave as it is: %v", name, s[0], err)
			} else if strings.Contains(err.Error(), s[1]) {
				t.Errorf("%s: the error repeats the secret: %v", name, err)
			}
		}
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"net user bob /active:no", "net user bob /delete", "ssh -p 2222 srv", "nmap -p 1-1000,8080 192.0.2.1", "mkdir -p /var/tmp/x", "password: ***",
		"Failed password for root", "TTY=pts/0 ; PWD=/var/tmp ; USER=root ; COMMAND=/bin/sh", `reg add HKLM\Software\Run /v Key /t REG_SZ`,
		"S-1-5-18", "basic constraints", "1.3.6.1.4.1.10.0.0.1", "version 10.0.19045.1", "vssadmin.exe delete shadows /all", "token=",
		"powershell.exe -ExecutionPolicy Bypass -File a.ps1", "9dd4e461268c8034f5c8564e155c67a6", "iam.amazonaws.com", "https://www.vendor.test/a?id=1",
	} {
		if got := redactor(t).Begin(nil).Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
