package baseline_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/estate/baseline"
	"github.com/seed-959697dd/soc/triage"
)

// begin is the first day of every history here, a Monday.
var begin = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// on is a time of day n of the history.
func on(n, hour int) time.Time { return begin.AddDate(0, 0, n).Add(time.Duration(hour) * time.Hour) }

// formats is made once: that takes longer than all the parsing here.
var formats = sync.OnceValues(func() (*alert.Set, error) { return alert.NewSet(alert.Options{Now: on(300, 0)}) })

// parse reads one record.
func parse(t testing.TB, record string) *alert.Alert {
	t.Helper()
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	var a alert.Alert
	if _, err := set.NewParser().Parse(&a, []byte(record), nil); err != nil {
		t.Fatalf("%v: %s", err, record)
	}
	return &a
}

func stamp(at time.Time) string { return at.Format(time.RFC3339) }

// cloudCall is a CloudTrail record.
func cloudCall(at time.Time, user, ip, service, operation, region string) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventTime":%q,"eventSource":"%s.amazonaws.com","eventName":%q,"awsRegion":%q,"sourceIPAddress":%q,"recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","userName":%q}}`,
		stamp(at), service, operation, region, ip, user)
}

// windowsSignIn is event 4624 of the machine that alice signed in to.
func windowsSignIn(at time.Time, user, ip, from string) string {
	return fmt.Sprintf(`{"Event":{"System":{"Provider":{"Name":"Microsoft-Windows-Security-Auditing"},"EventID":4624,"Channel":"Security","Computer":"srv-1.corp.example","TimeCreated":{"SystemTime":%q}},"EventData":{"SubjectUserName":"SRV-1$","TargetUserName":%q,"LogonType":"3","IpAddress":%q,"WorkstationName":%q}}}`,
		stamp(at), user, ip, from)
}

// started is Sysmon's event 1.
func started(at time.Time, host, image, parent string) string {
	return fmt.Sprintf(`{"Event":{"System":{"Provider":{"Name":"Microsoft-Windows-Sysmon"},"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":%q,"TimeCreated":{"SystemTime":%q}},"EventData":{"Image":%q,"ParentImage":%q,"User":"NT AUTHORITY\\SYSTEM"}}}`,
		host, stamp(at), image, parent)
}

// connected is a line of Zeek's conn log, of which every field that counts here is what the sensor saw.
func connected(at time.Time, from, to string) string {
	return fmt.Sprintf(`{"_path":"conn","ts":%q,"uid":"C1","id.orig_h":%q,"id.orig_p":50000,"id.resp_h":%q,"id.resp_p":443,"proto":"tcp","conn_state":"SF"}`, stamp(at), from, to)
}

// entraSignIn is a record of Entra ID's sign-in log.
func entraSignIn(at time.Time, user, ip, country string) string {
	return fmt.Sprintf(`{"time":%q,"category":"SignInLogs","operationName":"Sign-in activity","resultType":"0","callerIpAddress":%q,"location":%q,"properties":{"userPrincipalName":%q,"ipAddress":%q}}`,
		stamp(at), ip, country, user, ip)
}

// learn makes a baseline of records, read back from its file.
func learn(t testing.TB, o baseline.Options, older *baseline.Baseline, records ...string) *baseline.Baseline {
	t.Helper()
	l := baseline.NewLearner(o)
	for _, r := range records {
		l.Add(parse(t, r))
	}
	tally := l.Tally()
	if tally.Read != int64(len(records)) || tally.Read != tally.Used+tally.Refused+tally.Untimed+tally.Silent {
		t.Fatalf("the account is off: %+v of %d", tally, len(records))
	}
	b, err := baseline.Read(bytes.NewReader(file(t, l.Baseline(older))))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func file(t testing.TB, b *baseline.Baseline) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := b.Write(&w); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

// signals runs the check; a receipt that does not hold is a fault.
func signals(t testing.TB, b *baseline.Baseline, record string) (list []triage.Signal) {
	t.Helper()
	a := parse(t, record)
	b.Check(a, func(s triage.Signal) {
		for _, r := range s.Receipts {
			if !r.Holds(a.View) {
				t.Fatalf("%s: the receipt %+v does not hold", s.Sentence, r)
			}
		}
		list = append(list, s)
	})
	return list
}

// said is the signals as lines of weight and sentence.
func said(t testing.TB, b *baseline.Baseline, record string) string {
	t.Helper()
	var lines []string
	for _, s := range signals(t, b, record) {
		lines = append(lines, fmt.Sprintf("%+d %s", s.Weight, s.Sentence))
	}
	return strings.Join(lines, "\n")
}
