package triage

import (
	"sync"
	"time"
)

// Answers keeps what services said, so that nobody is asked twice. It is safe for concurrent use. The bytes are the Desk's own.
// One that cannot read or store behaves as if it were empty: the question is then asked again.
type Answers interface {
	Recall(service, kind, value string) (answer []byte, at time.Time, ok bool)
	Store(service, kind, value string, answer []byte, at time.Time)
}

// maxAnswers bounds Memory.
const maxAnswers = 1 << 16

// Memory keeps answers for one run, the newest 65,536 of them. The zero value is ready.
type Memory struct {
	mu   sync.Mutex
	kept map[[3]string]answer
	ring [][3]string // in the order of arrival; next is overwritten
	next int
}

type answer struct {
	text []byte
	at   time.Time
}

// Recall implements Answers.
func (m *Memory) Recall(service, kind, value string) ([]byte, time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.kept[[3]string{service, kind, value}]
	return a.text, a.at, ok
}

// Store implements Answers.
func (m *Memory) Store(service, kind, value string, text []byte, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[[3]string]answer{}
	}
	key := [3]string{service, kind, value}
	if _, known := m.kept[key]; !known {
		if len(m.ring) < maxAnswers {
			m.ring = append(m.ring, key)
		} else {
			delete(m.kept, m.ring[m.next])
			m.ring[m.next], m.next = key, (m.next+1)%maxAnswers
		}
	}
	m.kept[key] = answer{text, at}
}
