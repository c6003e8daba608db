package cmd

import (
	"context"
	"runtime"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/investigate"
)

// heard is what a worker makes of a batch of documents.
type heard struct {
	list    []investigate.Verdict
	docs    [][]byte // of the verdicts in list
	members [][]byte
	gaps    [][]byte
	summary bool
}

// files reads documents from files or standard input.
func (q *inquiry) files(ctx context.Context, args []string) error {
	sources, err := stream.Expand(args, q.app.IO.In)
	if err != nil {
		return neither(args, err)
	}
	use := func() func(*packet[heard]) error {
		return func(p *packet[heard]) error {
			for i := range p.batch.Records {
				rec := &p.batch.Records[i]
				p.read++
				if err := p.result.hear(rec.Raw); err != nil {
					p.rejects = append(p.rejects, stream.Reject{Input: p.batch.Input, Line: rec.Line, Offset: rec.Offset, Bytes: int64(len(rec.Raw)), Reason: err.Error(), Raw: rec.Raw})
				}
			}
			p.read += int64(len(p.batch.Rejects))
			p.rejects = append(p.rejects, p.batch.Rejects...)
			return nil
		}
	}
	err = ingest(ctx, sources, stream.Limits{Record: 64 << 20}, runtime.GOMAXPROCS(0), use, q.collect, func(h *heard) { *h = heard{} })
	if q.acc.read == 0 { // not even a summary
		for _, s := range sources {
			q.held.heard(s.Name, true, false)
		}
	}
	return err
}

// hear takes in one document. Documents of ours that say nothing about cases are passed over.
func (h *heard) hear(doc []byte) error {
	v, err := investigate.ReadVerdict(view(doc))
	if err == nil {
		h.list, h.docs = append(h.list, v), append(h.docs, doc)
		return nil
	}
	switch kindOf(view(doc)) {
	case "summary":
		h.summary = true
	case "members":
		h.members = append(h.members, doc)
	case "gap":
		h.gaps = append(h.gaps, doc)
	case "reject":
	default:
		return err
	}
	return nil
}

// collect keeps what was read, in the order of the input. A gap of the writer's is a gap of ours.
func (q *inquiry) collect(p *packet[heard]) error {
	gaps := p.batch.Gaps
	for _, g := range p.result.gaps {
		gaps = append(gaps, stream.Gap{Input: gjson.GetBytes(g, "source").Str, Reason: gjson.GetBytes(g, "reason").Str})
	}
	if err := q.acc.note(p.read, p.rejects, gaps, q.documents()); err != nil {
		return err
	}
	h := &p.result
	q.held.heard(p.batch.Input, p.read > 0, h.summary)
	q.verdicts += int64(len(h.list))
	q.list = append(q.list, h.list...)
	for i := range h.list {
		if err := q.held.put(h.list[i].ID, h.docs[i]); err != nil {
			return err
		}
	}
	for _, m := range h.members {
		if err := q.held.put(gjson.GetBytes(m, "verdict").Str, m); err != nil {
			return err
		}
	}
	return nil
}

// members reads the documents of a cluster back.
func (q *inquiry) members(list []investigate.Verdict, c *investigate.Cluster) ([]investigate.Member, error) {
	members := make([]investigate.Member, len(c.Members))
	for i, at := range c.Members {
		docs, err := q.held.get(list[at].ID)
		if err != nil {
			return nil, err
		}
		members[i].ID = list[at].ID
		met := map[string]bool{}
		for _, doc := range docs {
			if kindOf(doc) != "members" {
				members[i].Document = doc
				continue
			}
			for _, id := range gjson.Get(doc, "alert_ids").Array() {
				if !met[id.Str] {
					members[i].More = append(members[i].More, id.Str)
				}
				met[id.Str] = true
			}
		}
	}
	return members, nil
}
