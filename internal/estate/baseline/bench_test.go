package baseline_test

import (
	"fmt"
	"testing"

	"github.com/seed-959697dd/soc/internal/estate/baseline"
	"github.com/seed-959697dd/soc/triage"
)

// large is an estate of 2,000 users and hosts over 30 days.
func large(b *testing.B) *baseline.Baseline {
	b.Helper()
	l := baseline.NewLearner(baseline.Options{})
	for i := range 2000 {
		call := parse(b, cloudCall(on(0, 8), fmt.Sprintf("user%d", i), fmt.Sprintf("10.%d.%d.7", i/200, i%200), "s3", "ListBuckets", "eu-west-1"))
		ran := parse(b, started(on(0, 8), fmt.Sprintf("ws-%d", i), fmt.Sprintf(`C:\Program Files\App\app%d.exe`, i%300), `C:\Windows\explorer.exe`))
		for day := range 30 {
			call.Time, ran.Time = on(day, 8), on(day, 9)
			l.Add(call)
			l.Add(ran)
		}
	}
	return l.Baseline(nil)
}

func BenchmarkCheck(b *testing.B) {
	base := large(b)
	for _, c := range []struct{ name, record string }{
		{"nothing new of a call", cloudCall(on(30, 8), "user7", "10.0.7.7", "s3", "ListBuckets", "eu-west-1")},
		{"nothing new of a process", started(on(30, 8), "ws-7", `C:\Program Files\App\app7.exe`, `C:\Windows\explorer.exe`)},
		{"somebody unknown", cloudCall(on(30, 8), "mallory", "10.0.7.7", "s3", "ListBuckets", "eu-west-1")},
		{"new network, call, region", cloudCall(on(30, 8), "user7", "203.0.113.9", "iam", "CreateUser", "ap-east-1")},
	} {
		b.Run(c.name, func(b *testing.B) {
			a := parse(b, c.record)
			n := 0
			note := func(triage.Signal) { n++ }
			b.ReportAllocs()
			for b.Loop() {
				base.Check(a, note)
			}
		})
	}
}

func BenchmarkLearn(b *testing.B) {
	for _, c := range []struct{ name, record string }{
		{"call", cloudCall(on(30, 8), "alice", "10.0.7.7", "s3", "ListBuckets", "eu-west-1")},
		{"process", started(on(30, 8), "ws-7", `C:\Program Files\App\app7.exe`, `C:\Windows\explorer.exe`)},
	} {
		b.Run(c.name, func(b *testing.B) {
			a, l := parse(b, c.record), baseline.NewLearner(baseline.Options{})
			b.ReportAllocs()
			for b.Loop() {
				l.Add(a)
			}
		})
	}
}
