package baseline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/estate/baseline"
	"github.com/seed-959697dd/soc/triage"
)

// ordinary is 20 days of an estate in which little happens: two of everything a day, from 08:00 to 09:00.
func ordinary() (records []string) {
	for day := range 20 {
		for hour := 8; hour <= 9; hour++ {
			at := on(day, hour)
			records = append(
				records,
				cloudCall(at, "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"),
				windowsSignIn(at, "Bob", "10.1.2.3", "WS-12"),
				entraSignIn(at, "carol@corp.example", "198.51.100.4", "DE"),
				started(at, "ws-12.corp.example", `C:\Windows\System32\svchost.exe`, `C:\Windows\System32\services.exe`),
				started(at, "ws-13.corp.example", `C:\Program Files\Word\winword.exe`, `C:\Windows\explorer.exe`),
				started(at, "ws-13.corp.example", `C:\Windows\System32\cmd.exe`, `C:\Windows\explorer.exe`),
				connected(at, "10.1.2.3", "203.0.113.80"),
				connected(at, "10.1.2.4", "203.0.113.81"),
			)
		}
	}
	return records
}

func TestWhatIsNew(t *testing.T) {
	t.Parallel()
	b := learn(t, baseline.Options{}, nil, ordinary()...)
	at := on(20, 8)
	for name, c := range map[string]struct{ record, want string }{
		"nothing": {cloudCall(at, "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"), ""},
		"a new address of a known network": {
			cloudCall(at, "alice", "192.0.2.8", "s3", "ListBuckets", "eu-west-1"), "",
		},
		"a network": {
			cloudCall(at, "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1"),
			"+700 alice never came from network 203.0.113.0/24 in 20 days (0 of 40)",
		},
		"a call and a region, strongest first": {
			cloudCall(at, "alice", "192.0.2.7", "iam", "CreateUser", "ap-east-1"),
			"+1500 account 111122223333 never used region ap-east-1 in 20 days (0 of 40)\n+700 alice in aws never called iam:createuser in 20 days (0 of 40)",
		},
		"a device": {windowsSignIn(at, `CORP\bob`, "10.1.2.9", "WS-99"), "+500 bob was never seen on ws-99 in 20 days (0 of 40)"},
		"a country, which implies its network": {
			entraSignIn(at, "carol@corp.example", "203.0.113.9", "KP"),
			"+1200 carol@corp.example never came from country KP in 20 days (0 of 40)",
		},
		"a country by name is not compared with codes": {
			entraSignIn(at, "carol@corp.example", "198.51.100.4", "Germany"), "",
		},
		"a program on this host, and who started it there": {
			started(at, "WS-12", `C:\Windows\System32\cmd.exe`, `C:\Windows\explorer.exe`),
			"+500 ws-12 never ran cmd.exe in 20 days (0 of 40)",
		},
		"a program anywhere": {
			started(at, "ws-12", `C:\Temp\rclone.exe`, `C:\Windows\System32\services.exe`),
			"+900 no host ran rclone.exe in 20 days (0 of 120)",
		},
		"a known program that a known program never started": {
			started(at, "ws-13", `C:\Windows\System32\cmd.exe`, `C:\Program Files\Word\winword.exe`),
			"+800 winword.exe never started cmd.exe on any host in 20 days (0 of 120)",
		},
		"a known program from another folder": {
			started(at, "ws-12", `C:\Users\Public\svchost.exe`, `C:\Windows\System32\services.exe`),
			`+500 svchost.exe never ran from c:\users\*\ in 20 days (0 of 40)`,
		},
		"a name is not compared with addresses": {
			strings.Replace(connected(at, "10.1.2.3", "10.0.0.53"), `"uid"`, `"query":"www.example.com","uid"`, 1), "",
		},
		"the words of another product": {
			strings.Replace(cloudCall(at, "alice", "192.0.2.7", "s3", "Download", "eu-west-1"), "s3.amazonaws.com", "OneDrive", 1), "",
		},
		"a destination anywhere": {connected(at, "10.1.2.3", "203.0.113.99"), "+700 no host contacted 203.0.113.99 in 20 days (0 of 80)"},
		"a destination of this host": {
			connected(at, "10.1.2.3", "203.0.113.81"),
			"+400 10.1.2.3 never contacted 203.0.113.81 in 20 days (0 of 40)",
		},
		"somebody unknown":    {cloudCall(at, "mallory", "203.0.113.9", "s3", "ListBuckets", "eu-west-1"), ""},
		"a host unknown":      {connected(at, "10.9.9.9", "203.0.113.81"), ""},
		"a machine's sign-in": {windowsSignIn(at, "WS-77$", "10.200.1.1", "WS-77"), ""},
		"long after":          {cloudCall(on(51, 8), "alice", "203.0.113.9", "iam", "CreateUser", "ap-east-1"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := said(t, b, c.record); got != c.want {
				t.Errorf("said:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestReceiptsNameTheCounts(t *testing.T) {
	t.Parallel()
	b := learn(t, baseline.Options{}, nil, ordinary()...)
	list := signals(t, b, cloudCall(on(20, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1"))
	if len(list) != 1 || list[0].Check != "baseline" || list[0].Family != triage.Novelty {
		t.Fatalf("%+v", list)
	}
	for i, want := range []string{"203.0.113.9", "alice"} {
		if r := list[0].Receipts[i]; r.Value != want || r.Source != "baseline: 0 of 40 since 2026-01-05" {
			t.Errorf("receipt %d: %+v", i, r)
		}
	}
}

// A failed sign-in proves nothing about the owner of the name; a call that was denied was made by somebody who got in.
func TestWhoDidNotGetIn(t *testing.T) {
	t.Parallel()
	b := learn(t, baseline.Options{}, nil, ordinary()...)
	record := windowsSignIn(on(20, 8), "bob", "203.0.113.9", "WS-12")
	if got := said(t, b, record); got == "" {
		t.Error("a sign-in from a new network says nothing")
	}
	if got := said(t, b, strings.Replace(record, "4624", "4625", 1)); got != "" {
		t.Errorf("a failed sign-in says: %s", got)
	}
	call := cloudCall(on(20, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1")
	if got := said(t, b, strings.Replace(call, `{`, `{"errorCode":"AccessDenied",`, 1)); got == "" {
		t.Error("a call that was denied says nothing")
	}
}

// What was refused is no habit: learned failures would make an attacker's network known.
func TestFailuresAreNotLearned(t *testing.T) {
	t.Parallel()
	records := ordinary()
	for day := range 20 {
		records = append(records, strings.Replace(windowsSignIn(on(day, 3), "bob", "203.0.113.9", "WS-12"), "4624", "4625", 1))
	}
	b := learn(t, baseline.Options{}, nil, records...)
	if got := said(t, b, windowsSignIn(on(20, 8), "bob", "203.0.113.9", "WS-12")); !strings.Contains(got, "bob never came from network 203.0.113.0/24 in 20 days (0 of 40)") {
		t.Errorf("said %q", got)
	}
}

func TestAnAlertDoesNotExplainItself(t *testing.T) {
	t.Parallel()
	strange := func(day int) string {
		return cloudCall(on(day, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1")
	}
	without := learn(t, baseline.Options{}, nil, ordinary()...)
	want := said(t, without, strange(20))
	// The logs hold the alert's own event, others of its day, and all of what followed.
	after := append(ordinary(), strange(20), strange(20), strange(21), strange(30), cloudCall(on(40, 8), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"))
	b := learn(t, baseline.Options{}, nil, after...)
	if got := said(t, b, strange(20)); got != want || got == "" {
		t.Errorf("with its own day and the days after it said %q, without them %q", got, want)
	}
	if got := said(t, b, strange(21)); got != "" {
		t.Errorf("the day after, what happened is known; said %q", got)
	}
}

func TestTooLittleToSay(t *testing.T) {
	t.Parallel()
	history := func(days, perDay int) (records []string) {
		for day := range days {
			for i := range perDay {
				records = append(records, cloudCall(on(day, 8+i), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"))
			}
		}
		return records
	}
	for name, c := range map[string]struct {
		days, perDay int
		says         bool
	}{
		"14 days and 42 events": {14, 3, true},
		"13 days":               {13, 4, false},
		"28 events":             {14, 2, false},
		"15 days and 30 events": {15, 2, true},
	} {
		b := learn(t, baseline.Options{}, nil, history(c.days, c.perDay)...)
		if got := said(t, b, cloudCall(on(c.days, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1")); (got != "") != c.says {
			t.Errorf("%s: said %q", name, got)
		}
	}
	b := learn(t, baseline.Options{}, nil, history(20, 2)...)
	if got := said(t, b, strings.Replace(cloudCall(on(20, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1"), "eventTime", "someTime", 1)); got != "" {
		t.Errorf("an alert without a time: said %q", got)
	}
}

// Where new values come all the time, one more is no surprise.
func TestNewThingsAreUsual(t *testing.T) {
	t.Parallel()
	var records []string
	for day := range 60 {
		records = append(records, cloudCall(on(day, 8), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"))
	}
	for i, ip := range []string{"10.1.0.1", "10.2.0.1", "10.3.0.1", "10.4.0.1"} {
		records = append(records, cloudCall(on(44+4*i, 8), "alice", ip, "s3", "ListBuckets", "eu-west-1"))
	}
	b := learn(t, baseline.Options{}, nil, records...)
	want := "+350 alice never came from network 203.0.113.0/24 in 60 days (0 of 64), where 4 others were new in the last 28"
	if got := said(t, b, cloudCall(on(60, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1")); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

func TestAnUnusualHour(t *testing.T) {
	t.Parallel()
	history := func(atNight int) (records []string) {
		for day := range 25 {
			for hour := 8; hour < 16; hour++ {
				records = append(records, cloudCall(on(day, hour), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"))
			}
		}
		for i := range atNight {
			records = append(records, cloudCall(on(i, 0), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"))
		}
		return records
	}
	night := cloudCall(on(25, 23), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1")
	b := learn(t, baseline.Options{}, nil, history(2)...)
	if got, want := said(t, b, night), "+300 alice is seldom active between 22:00 and 01:00 UTC: 2 of 202 events in 25 days"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	b = learn(t, baseline.Options{}, nil, history(3)...)
	if got := said(t, b, night); got != "" {
		t.Errorf("more than one in a hundred: said %q", got)
	}
}

// Only what a sensor saw may lower (promise P6): a user's name is an attacker's text in most products.
func TestWhatIsUsualLowers(t *testing.T) {
	t.Parallel()
	var records []string
	for day := range 60 {
		if day%3 == 0 { // 20 of 60 days
			records = append(records, connected(on(day, 8), "10.1.2.3", "203.0.113.80"), connected(on(day, 9), "10.1.2.3", "203.0.113.80"))
		}
		records = append(records, cloudCall(on(day, 8), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"))
	}
	b := learn(t, baseline.Options{}, nil, records...)
	if got, want := said(t, b, connected(on(60, 8), "10.1.2.3", "203.0.113.80")), "-400 203.0.113.80 is usual for 10.1.2.3: seen on 20 of the last 60 days"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if got := said(t, b, connected(on(61, 8), "10.1.2.3", "203.0.113.80")); got != "" {
		t.Errorf("19 of the last 60 days: said %q", got)
	}
	if got := said(t, b, cloudCall(on(60, 8), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1")); got != "" {
		t.Errorf("the name is the attacker's: said %q", got)
	}
}

func TestAtMostFour(t *testing.T) {
	t.Parallel()
	var records []string
	for day := range 30 {
		for hour := 8; hour < 16; hour++ {
			at := on(day, hour)
			records = append(records, strings.Replace(cloudCall(at, "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"), `{`, `{"src_country":"DE","workstation":"ws-1","hostname":"ws-1",`, 1))
		}
	}
	b := learn(t, baseline.Options{}, nil, records...)
	strange := strings.Replace(cloudCall(on(30, 3), "alice", "203.0.113.9", "iam", "CreateUser", "ap-east-1"), `{`, `{"src_country":"KP","workstation":"ws-9","hostname":"ws-9",`, 1)
	list := signals(t, b, strange)
	if len(list) != 4 { // of region, country, network (implied), call, device and hour
		t.Fatalf("%d signals: %+v", len(list), list)
	}
	for i := 1; i < len(list); i++ {
		if list[i].Weight > list[i-1].Weight {
			t.Errorf("%d stands after %d", list[i].Weight, list[i-1].Weight)
		}
	}
}

func TestAnEmptyBaselineIsSilent(t *testing.T) {
	t.Parallel()
	b := learn(t, baseline.Options{}, nil)
	if got := said(t, b, cloudCall(on(20, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1")); got != "" || !b.Until().Equal(time.Time{}) {
		t.Errorf("said %q, until %v", got, b.Until())
	}
}
