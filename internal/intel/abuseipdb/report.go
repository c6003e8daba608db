package abuseipdb

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"github.com/seed-959697dd/soc/triage"
)

// report is what the service says about an address. Pointers tell "not said" from zero: an answer without a score is no all-clear.
type report struct {
	IPAddress            string
	IsWhitelisted        *bool // null where nobody looked
	AbuseConfidenceScore *int
	UsageType            string
	TotalReports         *int
	NumDistinctUsers     int
	LastReportedAt       string // RFC 3339, null when never
}

// finding weighs a report about ip.
func (r *report) finding(ip string, days int) (triage.Finding, error) {
	if r.AbuseConfidenceScore == nil || r.TotalReports == nil {
		return triage.Finding{}, errors.New("abuseipdb: the answer holds no score")
	}
	score, reports := *r.AbuseConfidenceScore, *r.TotalReports
	if score < 0 || score > 100 || reports < 0 {
		return triage.Finding{}, fmt.Errorf("abuseipdb: the answer holds a score of %d and %d reports", score, reports)
	}
	got, err := netip.ParseAddr(r.IPAddress)
	if want, bad := netip.ParseAddr(ip); err != nil || bad != nil || got.Unmap() != want.Unmap() {
		return triage.Finding{}, errors.New("abuseipdb: the answer is about another address")
	}
	f := triage.Finding{Weight: weight(score, reports), Source: "https://www.abuseipdb.com/check/" + ip}
	if f.Weight == 0 {
		return triage.Finding{}, nil
	}
	f.Sentence = r.sentence(ip, days)
	if r.IsWhitelisted != nil && *r.IsWhitelisted {
		f.By = "AbuseIPDB whitelist"
	}
	return f, nil
}

// weight is what a confidence score is worth. It says how sure the service is that an address is abusive, from how many reported it
// and how lately; up to 24 it is not taken as evidence. Many attackers share addresses with others who did nothing, so that
// no score is enough alone, and the highest counts in full only where it rests on ten reports.
// Source: the service's FAQ (what the confidence of abuse says) and its blacklist endpoint, which takes no minimum below 25. That
// a score speaks for itself from 75 on, and in full from 90 on, is this program's own choice.
func weight(score, reports int) triage.Weight {
	switch {
	case score >= 90 && reports >= 10:
		return 2200
	case score >= 75:
		return 1200
	case score >= 25:
		return 500
	}
	return 0
}

func (r *report) sentence(ip string, days int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "AbuseIPDB is %d %% sure that %s is abusive: %s", *r.AbuseConfidenceScore, ip, count(*r.TotalReports, "report"))
	if r.NumDistinctUsers > 0 {
		fmt.Fprintf(&b, " by %s", count(r.NumDistinctUsers, "user"))
	}
	fmt.Fprintf(&b, " in %d days", days)
	if last, err := time.Parse(time.RFC3339, r.LastReportedAt); err == nil {
		fmt.Fprintf(&b, ", the last on %s", last.UTC().Format(time.DateOnly))
	}
	if use := usage(r.UsageType); use != "" {
		fmt.Fprintf(&b, ", used for %s", use)
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// usage is the kind of network, one of a dozen phrases such as Data Center/Web Hosting/Transit; what is no such phrase is left out.
func usage(text string) string {
	odd := func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !strings.ContainsRune(" /-()", r)
	}
	if len(text) > 60 || strings.ContainsFunc(text, odd) {
		return ""
	}
	return text
}
