package limit_test

import (
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/model/limit"
	"github.com/seed-959697dd/soc/internal/model/openai"
	"github.com/seed-959697dd/soc/internal/prompt"
)

// TestOverHTTP: a server with four slots gets 200 questions from 50 askers; each is answered, whatever was refused on the way.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	s := &llm.Server{Model: "m", Slots: 4, Delay: 2 * time.Millisecond}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	inner, err := openai.New(openai.Settings{Name: "big", URL: srv.URL + "/v1", Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	m := limit.New(inner, limit.Settings{Now: time.Now, Tries: 1000})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for j := range 4 {
				if a, err := m.Chat(t.Context(), prompt.Request{Alert: strconv.Itoa(100*i + j)}); err != nil || a.Text == "" {
					t.Errorf("%+v %v", a, err)
				}
			}
		})
	}
	wg.Wait()
	c := m.Counts()
	if c.Answered != 200 || c.Sent != 200+c.Refused || c.Limit < 1 || m.Name() != "big" {
		t.Errorf("%+v", c)
	}
	t.Logf("%+v", c)
}
