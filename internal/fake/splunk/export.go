package splunk

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/fault"
)

// export runs a search and streams what it finds, one JSON object to a line.
func (s *Server) export(w http.ResponseWriter, form url.Values, wrong fault.Fault) {
	s.mu.Lock()
	s.searches++
	o, n := s.o, s.searches
	allowed := false
	for _, c := range o.Capabilities {
		allowed = allowed || c == "search"
	}
	spl := form.Get("search")
	win, err := windowOf(form)
	if o.Deaf {
		win.indexFrom, win.indexTo = time.Time{}, time.Time{}
	}
	var rows []row
	switch {
	case !allowed:
		s.mu.Unlock()
		refuse(w, http.StatusForbidden, "insufficient permission to access this resource")
		return
	case n <= o.Quota:
		s.mu.Unlock()
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "Search not executed: The maximum number of concurrent historical searches on this instance has been reached.")
		return
	case err == nil && (spl == "" || spl[0] != '|' && len(spl) < 7):
		err = fmt.Errorf("a search begins with search or a pipe")
	case err == nil:
		rows, err = s.run(spl, win)
	}
	lines := make([][]byte, 0, len(rows))
	for _, r := range rows {
		line, _ := shown(r) // maps of plain values
		lines = append(lines, line)
	}
	s.mu.Unlock()
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	stream(w, lines, o, wrong)
}

func stream(w http.ResponseWriter, lines [][]byte, o Options, wrong fault.Fault) {
	if len(o.Messages) > 0 {
		text, _ := json.Marshal(row{"preview": false, "messages": o.Messages}) // plain values
		_, _ = w.Write(append(text, '\n'))
	}
	if o.Previews {
		for i := len(lines)/2 - 1; i >= 0; i-- {
			_, _ = fmt.Fprintf(w, "{\"preview\":true,\"offset\":%d,\"lastrow\":true,\"result\":%s}\n", i, lines[i])
		}
	}
	if len(lines) == 0 {
		_, _ = w.Write([]byte("{\"preview\":false}\n"))
		return
	}
	for i, line := range lines {
		last := ""
		if i == len(lines)-1 && !o.Unended {
			last = `"lastrow":true,`
		}
		text := fmt.Sprintf("{\"preview\":false,\"offset\":%d,%s\"result\":%s}\n", i, last, line)
		if i+1 == o.Broken || i == len(lines)/2 && wrong != fault.None {
			_, _ = w.Write([]byte(text[:len(text)/2]))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler) // how net/http is told to close the connection
		}
		_, _ = w.Write([]byte(text))
	}
}

func windowOf(form url.Values) (w window, err error) {
	for name, at := range map[string]*time.Time{"earliest_time": &w.from, "latest_time": &w.to, "index_earliest": &w.indexFrom, "index_latest": &w.indexTo} {
		text := form.Get(name)
		if text == "" || text == "0" {
			continue
		}
		if *at, err = timeOf(text); err != nil {
			return w, trouble(fmt.Sprintf("Invalid %s.", name))
		}
	}
	return w, nil
}

// timeOf reads an epoch with a fraction, or RFC 3339.
func timeOf(text string) (time.Time, error) {
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		whole, part := math.Modf(f)
		return time.Unix(int64(whole), int64(part*1000+0.5)*1_000_000), nil
	}
	return time.Parse(time.RFC3339, text)
}
