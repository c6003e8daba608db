package splunk

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// window is what a search looks at; zero times are open.
type window struct {
	from, to           time.Time // of the event, to excluded
	indexFrom, indexTo time.Time // of its arrival
}

func (w *window) holds(at, in time.Time) bool {
	in = in.Truncate(time.Second)
	return !at.Before(w.from) && (w.to.IsZero() || at.Before(w.to)) && !in.Before(w.indexFrom) && (w.indexTo.IsZero() || in.Before(w.indexTo))
}

// run carries out a search. Called with the lock held.
func (s *Server) run(spl string, w window) ([]row, error) {
	list, err := pipeline(spl)
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, command := range list {
		if len(command) == 0 {
			return nil, trouble("Error in 'SearchParser': Missing a search command before '|'.")
		}
		if i == 0 && command[0].text != "search" && !generating(command[0].text) && spl[0] != '|' {
			command = append([]token{{text: "search"}}, command...)
		}
		if rows, err = s.command(i == 0, command, rows, w); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func generating(name string) bool {
	return slices.Contains([]string{"tstats", "makeresults", "soc_incident_review"}, name)
}

func (s *Server) command(first bool, c []token, rows []row, w window) ([]row, error) {
	name, args := c[0].text, c[1:]
	switch name {
	case "search":
		t, err := expression(args)
		if err != nil {
			return nil, err
		}
		if first {
			rows = s.rows(w)
			slices.SortStableFunc(rows, func(a, b row) int { return b["soc.time"].(time.Time).Compare(a["soc.time"].(time.Time)) }) // newest first
		}
		return slices.DeleteFunc(rows, func(r row) bool { return !t(r) }), nil
	case "soc_notable":
		for i, r := range rows {
			n, ok := r["soc.notable"].(*notable)
			if !ok {
				return nil, fmt.Errorf("no notable") // the index holds nothing else
			}
			full := s.result(n)
			full["_cd"] = r["_cd"]
			rows[i] = full
		}
		return rows, nil
	case "soc_incident_review":
		for _, n := range s.notables {
			rows = append(rows, n.reviews...)
		}
		return slices.Clone(rows), nil
	case "tstats":
		return s.tstats(args, w)
	case "eval":
		return eval(args, rows)
	case "sort":
		return order(args, rows)
	case "head":
		n := 10
		if len(args) > 0 {
			n, _ = strconv.Atoi(args[0].text)
		}
		return rows[:min(n, len(rows))], nil
	case "fields", "table":
		return keep(args, rows), nil
	case "stats":
		if len(args) != 1 || args[0].text != "count" {
			return nil, trouble("Error in 'stats' command: The argument is invalid.")
		}
		return []row{{"count": strconv.Itoa(len(rows))}}, nil
	case "collect", "delete", "outputlookup", "outputcsv", "sendemail", "sendalert", "script", "run", "map":
		s.ran = append(s.ran, name)
		return rows, nil
	}
	return nil, trouble(fmt.Sprintf("Unknown search command '%s'.", name))
}

// eval sets a field to another's value or to a text.
func eval(args []token, rows []row) ([]row, error) {
	if len(args) != 3 || args[1].text != "=" {
		return nil, trouble("Error in 'eval' command: The expression is malformed.")
	}
	for _, r := range rows {
		if v, ok := r[args[2].text]; ok && !args[2].quoted {
			r[args[0].text] = v
		} else if args[2].quoted {
			r[args[0].text] = args[2].text
		}
	}
	return rows, nil
}

func order(args []token, rows []row) ([]row, error) {
	most := 10000 // trap: without a count
	var by []string
	for _, a := range args {
		if n, err := strconv.Atoi(a.text); err == nil {
			most = n
		} else if !a.sign {
			by = append(by, a.text)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		for _, f := range by {
			name := strings.TrimLeft(f, "+-")
			x, y := fmt.Sprint(a[name]), fmt.Sprint(b[name])
			n, err1 := strconv.ParseFloat(x, 64)
			m, err2 := strconv.ParseFloat(y, 64)
			c := strings.Compare(x, y)
			if err1 == nil && err2 == nil {
				c = cmp.Compare(n, m)
			}
			if f[0] == '-' {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	if most > 0 {
		rows = rows[:min(most, len(rows))]
	}
	return rows, nil
}

func keep(args []token, rows []row) []row {
	for i, r := range rows {
		out := row{}
		for _, a := range args {
			if v, ok := r[a.text]; ok {
				out[a.text] = v
			}
		}
		rows[i] = out
	}
	return rows
}

// tstats counts by index and time: count where EXPRESSION by index _time span=Ns.
func (s *Server) tstats(args []token, w window) ([]row, error) {
	by := slices.IndexFunc(args, func(t token) bool { return !t.quoted && t.text == "by" })
	if by < 2 || args[0].text != "count" || args[1].text != "where" {
		return nil, trouble("Error in 'TsidxStats': The argument is invalid.")
	}
	t, err := expression(args[2:by])
	if err != nil {
		return nil, err
	}
	span, err := time.ParseDuration(args[len(args)-1].text)
	if err != nil || span <= 0 {
		return nil, trouble("Error in 'TsidxStats': The value of span is invalid.")
	}
	counts := map[string]int{}
	for _, r := range s.rows(w) {
		if at, _ := r["soc.time"].(time.Time); t(r) {
			counts[fmt.Sprint(r["index"])+"\x00"+at.Truncate(span).UTC().Format("2006-01-02T15:04:05.000-07:00")]++
		}
	}
	var rows []row
	for k, n := range counts {
		index, at, _ := strings.Cut(k, "\x00")
		rows = append(rows, row{"index": index, "_time": at, "_span": strconv.Itoa(int(span.Seconds())), "count": strconv.Itoa(n)})
	}
	return order([]token{{text: "0"}, {text: "index"}, {text: "_time"}}, rows)
}
