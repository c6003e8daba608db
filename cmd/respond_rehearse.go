package cmd

import (
	"bufio"
	"context"
	"fmt"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
)

// rehearse shows a plan and says of each action what would become of it now: the targets are asked for their state, and nothing is done.
func (r *responder) rehearse(ctx context.Context, book *casebook.Book, out *bufio.Writer, p *respond.Plan) error {
	if _, err := out.Write(r.app.planText(p)); err != nil {
		return err
	}
	crew := r.onlookers(book)
	list, err := crew.Foresee(ctx, p)
	if err != nil {
		return err
	}
	paper := render.NewPaper(r.app.IO)
	for i := range list {
		b := paper.Forecast(nil, &list[i])
		if r.app.wantsJSON() {
			b = list[i].AppendJSON(nil)
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	machine, watch, lost := int64(0), false, map[string]bool{}
	for i := range p.Items {
		item := &p.Items[i]
		if item.Class == respond.Task {
			continue
		}
		machine++
		watch = watch || item.TTL > 0 && !item.OwnTTL
		if crew.Drivers[item.Driver] == nil && !lost[item.Driver] {
			lost[item.Driver] = true
			r.say("no driver is called %q any more", item.Driver)
		}
	}
	all := int64(len(p.Items))
	r.say("of %s a machine does %s, people do %s", render.Plural(all, "action", "actions"), render.Count(machine), render.Count(all-machine))
	if why := crew.Stopped(); why != "" && machine > 0 {
		r.say("the kill switch is on: %s", why)
	}
	if watch && !crew.Watched(ctx) {
		r.say("nobody is there to take back what ends by itself: run soc respond watch")
	}
	return nil
}

func (r *responder) say(format string, args ...any) {
	fmt.Fprintf(r.app.IO.Err, "soc: "+format+"\n", args...)
}
