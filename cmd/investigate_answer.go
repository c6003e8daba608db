package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/investigate"
)

// answer gives the cluster the id that was asked for: correlation names it after its earliest verdict, which another case of the casebook
// may hold. With tell it says which those are.
func (q *inquiry) answer(list []investigate.Verdict, clusters []investigate.Cluster, tell bool) {
	if q.only == "" || len(clusters) != 1 {
		return
	}
	c := &clusters[0]
	if q.asked {
		c.ID = q.only
	}
	if !tell {
		return
	}
	var others []string
	for _, m := range c.Members {
		if id := list[m].Case; id != c.ID && !slices.Contains(others, id) {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return
	}
	const most = 4
	names := strings.Join(others[:min(len(others), most)], ", ")
	if more := len(others) - most; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	fmt.Fprintln(q.app.IO.Err, "soc: "+c.ID+" belongs together with "+render.Plural(int64(len(others)), "other case", "other cases")+" of the casebook: "+names)
}

// cut tells of inputs that ended without a summary: as gaps, and as the error with which the run ends.
func (q *inquiry) cut() (ends, err error) {
	names := q.held.unfinished()
	if len(names) == 0 {
		return nil, nil
	}
	reason, ends := "it ends without a summary: whoever wrote it was cut short", fmt.Errorf("the verdicts end without a summary (%s): whoever wrote them was cut short", strings.Join(names, ", "))
	hint := ""
	if q.acc.read == q.acc.rejected { // nothing of ours
		reason, ends, hint = "no verdicts of soc triage", fmt.Errorf("there are no verdicts of soc triage (%s)", strings.Join(names, ", ")), "soc triage --json alerts.json | soc investigate"
	}
	var gaps []stream.Gap
	for _, name := range names {
		gaps = append(gaps, stream.Gap{Input: name, Reason: reason})
	}
	return &failure{ends, statusFailed, hint}, q.acc.note(0, nil, gaps, q.documents())
}

// neither says of an argument that looks like an id that it names no file either.
func neither(args []string, err error) error {
	if len(args) == 1 && errors.Is(err, fs.ErrNotExist) && (strings.HasPrefix(args[0], "c-") || strings.HasPrefix(args[0], "v-")) {
		return usage(fmt.Errorf("%s: neither a file nor the id of a case", args[0]), "soc cases list")
	}
	return err
}
