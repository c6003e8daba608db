package cmd

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/wire"
)

// packet is one batch on its way through the workers.
type packet[T any] struct {
	batch   stream.Batch
	result  T
	read    int64
	rejects []stream.Reject
	gapped  int64 // alerts of which something could not be read
	done    chan struct{}
}

// ingest reads the sources, has the workers turn every record into their results, and hands the packets to collect in the order
// of the input. use makes one worker: a function that gets each alert, or the reason why a record is none.
// reset empties a result, whose memory serves a later packet.
func ingest[T any](ctx context.Context, sources []stream.Source, lim stream.Limits, workers int, use func() func(*packet[T]) error, collect func(*packet[T]) error, reset func(*T)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	free := make(chan T, workers+8) // as in triage.Judge, enough is under way that one worker who is stopped stops no other
	jobs, queue := make(chan *packet[T], workers+6), make(chan *packet[T], workers+6)
	var wg sync.WaitGroup
	for range workers {
		work := use()
		wg.Go(func() {
			for p := range jobs {
				if err := work(p); err != nil {
					cancel(err)
				}
				close(p.done)
			}
		})
	}
	wg.Go(func() {
		defer close(queue)
		defer close(jobs)
		for _, src := range sources {
			err := stream.Read(ctx, src, lim, func(b stream.Batch) error {
				p := &packet[T]{batch: b, done: make(chan struct{})}
				select {
				case p.result = <-free:
				default:
				}
				for _, ch := range []chan *packet[T]{queue, jobs} {
					select {
					case ch <- p:
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				}
				return nil
			})
			if err != nil {
				cancel(err)
				return
			}
		}
	})
	err := gather(ctx, queue, func(p *packet[T]) error {
		err := collect(p)
		reset(&p.result)
		select {
		case free <- p.result:
		default:
		}
		return err
	})
	cancel(err)
	settle(&wg, err)
	return err
}

// gather hands the packets to collect as their work is done, in the order of the queue, until it is closed or the run ends.
func gather[T any](ctx context.Context, queue <-chan *packet[T], collect func(*packet[T]) error) error {
	for {
		select {
		case p, more := <-queue:
			if !more {
				return context.Cause(ctx)
			}
			select {
			case <-p.done:
			case <-ctx.Done():
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := collect(p); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// patience is how long a run that failed or was interrupted waits for what it started.
const patience = 300 * time.Millisecond

// settle waits for the goroutines of a run. After a failure it does not wait forever: a read from a silent pipe or terminal
// cannot be called back, and Ctrl-C must end the run all the same.
func settle(wg *sync.WaitGroup, err error) {
	if err == nil {
		wg.Wait()
		return
	}
	ended := make(chan struct{})
	go func() {
		wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(patience):
	}
}

// records parses every record of a packet; several objects on one line are several alerts.
func records[T any](p *packet[T], parser *alert.Parser, each func(*alert.Alert) error) error {
	var a alert.Alert
	for i := range p.batch.Records {
		r := &p.batch.Records[i]
		raw, view := r.Raw, r.View
		for off := r.Offset; ; {
			p.read++
			rest, err := parser.Parse(&a, raw, view)
			if err != nil {
				p.rejects = append(p.rejects, stream.Reject{Input: p.batch.Input, Line: r.Line, Offset: off, Bytes: int64(len(raw)), Reason: err.Error(), Raw: raw, Item: r.Item})
				break
			}
			a.Input = alert.Place{Name: p.batch.Input, Line: r.Line, Offset: off, Item: r.Item}
			if err := each(&a); err != nil {
				return err
			}
			if len(rest) == 0 {
				break
			}
			off += int64(len(raw) - len(rest))
			raw = rest
		}
	}
	p.read += int64(len(p.batch.Rejects))
	p.rejects = append(p.rejects, p.batch.Rejects...)
	return nil
}

// account is promise P2: what was read and what became of it.
type account struct {
	read, rejected int64
	gapped         int64 // alerts, with --parse, of which something could not be read
	gaps           []stream.Gap
	first          []stream.Reject // for people: the first few
	file           *os.File
	keep           *bufio.Writer
}

const shownRejects = 5

// openRejects opens the file that keeps every rejected line. One that is an input too would be emptied before it is read.
func (c *account) openRejects(name string, sources []stream.Source) error {
	if name == "" {
		return nil
	}
	if old, err := os.Stat(name); err == nil {
		for i := range sources {
			if in, err := os.Stat(sources[i].Name); err == nil && os.SameFile(in, old) {
				return usage(fmt.Errorf("--rejects %s: is an input too", name), "soc triage --rejects rejects.ndjson alerts.json")
			}
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return usage(fmt.Errorf("opening the rejects file: %w", err), "soc triage --rejects rejects.ndjson alerts.json")
	}
	c.file, c.keep = f, bufio.NewWriter(f)
	return nil
}

// note counts one packet; documents of its rejects and gaps go to out when it is not nil.
func (c *account) note(read int64, rejects []stream.Reject, gaps []stream.Gap, out io.Writer) error {
	c.read += read
	c.rejected += int64(len(rejects))
	c.gaps = append(c.gaps, gaps...)
	var b []byte
	for i := range rejects {
		r := &rejects[i]
		if len(c.first) < shownRejects {
			c.first = append(c.first, *r)
			c.first[len(c.first)-1].Raw = nil
		}
		if out != nil {
			b = append(appendReject(b, r, false), '\n')
		}
		if c.keep != nil {
			if _, err := c.keep.Write(append(appendReject(nil, r, true), '\n')); err != nil {
				return fmt.Errorf("writing the rejects file: %w", err)
			}
		}
	}
	for _, g := range gaps {
		b = append(b, `{"kind":"gap","version":1`...)
		b = wire.Text(b, "source", g.Input)
		b = wire.Text(b, "class", cmp.Or(g.Class, string(alert.Partial)))
		b = append(wire.Text(b, "reason", g.Reason), '}', '\n')
	}
	if out == nil || len(b) == 0 {
		return nil
	}
	_, err := out.Write(b)
	return err
}

// missing tells whether an input is not whole; what nobody set up was not asked for.
func (c *account) missing() bool { return c.lacking() > 0 }

// lacking counts how often.
func (c *account) lacking() (n int64) {
	for i := range c.gaps {
		if c.gaps[i].Class != string(alert.Unconfigured) {
			n++
		}
	}
	return n
}

func (c *account) close() error {
	if c.file == nil {
		return nil
	}
	if err := c.keep.Flush(); err != nil {
		return fmt.Errorf("writing the rejects file: %w", err)
	}
	return c.file.Close()
}

func appendReject(b []byte, r *stream.Reject, raw bool) []byte {
	b = append(b, `{"kind":"reject","version":1,"input":{`...)
	b = wire.Text(b, "name", r.Input)
	b = wire.Int(b, "line", r.Line)
	b = append(wire.Text(wire.Int(b, "offset", r.Offset), "item", r.Item), '}')
	b = wire.Text(b, "reason", r.Reason)
	b = wire.Int(b, "bytes", r.Bytes)
	switch {
	case raw && utf8.Valid(r.Raw):
		b = wire.Text(b, "raw", string(r.Raw))
	case raw:
		b = wire.Text(b, "raw_base64", base64.StdEncoding.EncodeToString(r.Raw))
	}
	return append(b, '}')
}
