package splunksoar

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Demo makes a platform with containers, the newest at end and one every so often before. The same seed makes the same ones.
func Demo(token string, seed uint64, containers int, every time.Duration, end time.Time) *Server {
	s := &Server{Token: token, Playbooks: []string{"community/quarantine"}, Now: func() time.Time { return end }, rows: map[string][]row{}, blocked: map[string]bool{}, next: 100}
	s.Stock(seed, containers, every, end)
	return s
}

// Stock puts containers in, as Demo does; it may be called while the server answers.
func (s *Server) Stock(seed uint64, containers int, every time.Duration, end time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := rand.New(rand.NewPCG(seed, 12)) //nolint:gosec // chance that can be repeated is what is wanted
	names := []string{"Mail reported by a user", "Download of a program from a new domain", "Beacon to a known address", "Logons that failed on many hosts"}
	for i := range containers {
		at := end.Add(-every * time.Duration(containers-i)).UTC().Format("2006-01-02T15:04:05.000000Z")
		artifact := row{
			"name": "finding", "label": "event", "severity": "medium", "source_data_identifier": fmt.Sprintf("a-%d", i), "create_time": at,
			"cef": row{
				"sourceAddress": fmt.Sprintf("10.20.%d.%d", r.IntN(4), 1+r.IntN(250)), "destinationAddress": fmt.Sprintf("203.0.113.%d", 1+r.IntN(250)),
				"destinationHostName": fmt.Sprintf("ws-%03d", r.IntN(200)), "sourceUserName": fmt.Sprintf("user%d", r.IntN(90)),
			},
		}
		s.container(row{
			"name": names[r.IntN(len(names))], "label": "events", "severity": [...]string{"low", "medium", "high"}[r.IntN(3)], "source_data_identifier": fmt.Sprintf("demo-%d-%05d", seed, i), "description": "from the demo",
			"create_time": at, "start_time": at, "artifacts": []any{map[string]any(artifact)},
		})
	}
}
