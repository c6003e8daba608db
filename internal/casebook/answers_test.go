package casebook_test

import (
	"testing"
	"time"
)

func TestAnswersOutliveTheBook(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)
	open(t, path).Answers().Store("abuseipdb", "ip", "203.0.113.9", []byte(`{"score":1}`), at.Add(-time.Hour))
	open(t, path).Answers().Store("abuseipdb", "ip", "203.0.113.9", []byte(`{"score":90}`), at)
	got, when, ok := open(t, path).Answers().Recall("abuseipdb", "ip", "203.0.113.9")
	if !ok || string(got) != `{"score":90}` || !when.Equal(at) {
		t.Errorf("%s %v %v", got, when, ok)
	}
	if _, _, ok := open(t, path).Answers().Recall("abuseipdb", "domain", "203.0.113.9"); ok {
		t.Error("an answer about another kind")
	}
}
