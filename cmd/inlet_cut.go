package cmd

import (
	"bytes"
	"context"
	"io"
	"strconv"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
)

// slice is one record of what was handed over as one.
type slice struct {
	alert.Pulled
	fault string
}

// sliced are the records that a message holds: one value, several of them, lines, an array, an envelope, whatever a file may have. Each is kept
// and let go of by itself, under a name that is the same whenever the message comes: what is kept as one would wait for ever for an alert with
// its bytes. A message of one record stays what it is.
func sliced(ctx context.Context, p *alert.Pulled, lim int64) (list []slice, gaps []alert.Gap) {
	if p.View != nil {
		return []slice{{Pulled: *p}}, nil
	}
	for _, one := range cut(ctx, p.Raw, lim, &gaps) {
		if inner := cut(ctx, one.Raw, lim, nil); one.fault == "" && one.View == nil && len(inner) > 1 { // several on one of its lines
			list = append(list, inner...)
			continue
		}
		list = append(list, one)
	}
	if len(list) < 2 {
		whole := slice{Pulled: *p}
		if len(list) == 1 {
			whole.View, whole.fault = list[0].View, list[0].fault
		}
		return []slice{whole}, gaps
	}
	for i := range list {
		list[i].Item, list[i].Edition, list[i].Changed = p.Item+"."+strconv.Itoa(i+1), p.Edition, p.Changed
	}
	return list, gaps
}

// cut cuts bytes into records as if they were a file.
func cut(ctx context.Context, raw []byte, lim int64, gaps *[]alert.Gap) (list []slice) {
	src := stream.Source{Name: "message", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
	err := stream.Read(ctx, src, stream.Limits{Record: lim}, func(b stream.Batch) error {
		for i := range b.Records {
			one := slice{Pulled: alert.Pulled{Raw: bytes.Clone(b.Records[i].Raw)}} // a batch's memory is lent
			if b.Records[i].View != nil {
				one.View = bytes.Clone(b.Records[i].View)
			}
			list = append(list, one)
		}
		for i := range b.Rejects {
			list = append(list, slice{Pulled: alert.Pulled{Raw: bytes.Clone(b.Rejects[i].Raw)}, fault: b.Rejects[i].Reason})
		}
		if gaps != nil {
			for _, g := range b.Gaps {
				*gaps = append(*gaps, alert.Gap{Class: alert.Partial, Reason: "a message was not read to its end: " + g.Reason})
			}
		}
		b.Done()
		return nil
	})
	if err != nil {
		return nil // it is taken as it is
	}
	return list
}
