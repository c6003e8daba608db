package cmd

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/internal/work"
	"github.com/seed-959697dd/soc/triage"
)

// A batch that workers share is cut into chunks. Whoever asked for it enqueues them, works along, and prints the results in order. A worker of
// other settings does not see them: the queue is named by the digest of the settings. See docs/decisions/0009.

const (
	chunkDocuments = 1000
	chunkBytes     = 8 << 20
	chunksAhead    = 64             // enqueued and not yet printed
	chunksKept     = 24 * time.Hour // results, for whoever asks again
	chunkPoll      = 100 * time.Millisecond
)

// sharedBatch is a rescoring among workers.
type sharedBatch struct {
	*rescoring
	book  *casebook.Book
	jobs  *work.Jobs
	queue string
	cut   chunk
	open  []awaited // in order
}

// awaited is a chunk whose result is to be printed.
type awaited struct {
	name string
	gaps []stream.Gap // of the input before its end
}

// chunk is documents on their way to a worker.
type chunk struct {
	body  []byte
	count int
	gaps  []stream.Gap
}

// chunkResult is what a worker makes of a chunk.
type chunkResult struct {
	Read      int64
	Rejects   []stream.Reject
	Text      []byte
	Verdicts  int64
	Classes   [triage.NoFlip + 1]int64
	Then, Now fit
	Worst     []render.FlipRow
	Summary   bool
}

// shared rescores in chunks; without an input it only works on the chunks of others, until it is interrupted.
func (r *rescoring) shared(ctx context.Context, o rescoreOptions, args []string) (err error) {
	conf, err := r.app.settings(o.policy)
	if err != nil {
		return err
	}
	b := &sharedBatch{rescoring: r}
	if b.book, err = r.app.openBook(ctx, o.book, false, true); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.book.Close()) }()
	if b.jobs, err = r.app.jobsOf(ctx, b.book, conf); err != nil {
		return err
	}
	settings, err := r.sharedAs(o)
	if err != nil {
		return err
	}
	b.queue = "rescore_" + settings[:16]
	if err := b.book.ForgetChunks(ctx, r.app.Now().Add(-chunksKept)); err != nil {
		return bookError(err)
	}
	r.shares = true
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var along sync.WaitGroup
	along.Go(func() {
		err := b.jobs.Work(ctx, func(err error) {
			fmt.Fprintf(r.app.IO.Err, "soc: %s; it is tried again\n", term.Clean(err.Error()))
		}, work.Queue{Name: b.queue, Parallel: o.workers, Do: b.work})
		if err != nil {
			cancel(err)
		}
	})
	defer along.Wait()
	if o.booked() || len(args) > 0 {
		err = bookError(b.batch(ctx, o, args))
		cancel(nil)
		return err
	}
	<-ctx.Done()
	r.idle = true
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// sharedAs is a digest of the settings on which results depend.
func (r *rescoring) sharedAs(o rescoreOptions) (string, error) {
	now, err := r.app.clock(r.o)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	//nolint:errcheck // a hash never fails
	fmt.Fprintf(sum, "%q %q %q %s %v %q\n", r.app.version(), r.stands.Digests.Policy, r.stands.Digests.Precedent, now.UTC().Format(time.DateOnly), r.policy.Precedent != nil, o.window)
	if o.labels != "" {
		f, err := os.Open(o.labels)
		if err != nil {
			return "", err
		}
		defer f.Close() //nolint:errcheck // only read
		if _, err := io.Copy(sum, f); err != nil {
			return "", fmt.Errorf("reading labels: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// batch cuts the input into chunks and prints what comes out of them.
func (b *sharedBatch) batch(ctx context.Context, o rescoreOptions, args []string) error {
	if o.booked() {
		if err := b.rescoring.open(o, nil); err != nil {
			return err
		}
		b.last = true
		err := b.book.AllVerdicts(ctx, func(v *casebook.Verdict) error {
			return b.add(ctx, "casebook", 0, 0, v.Document, 0, "")
		})
		if err != nil {
			return err
		}
		return b.end(ctx)
	}
	sources, err := stream.Expand(args, b.app.IO.In)
	if err != nil {
		return err
	}
	if err := b.rescoring.open(o, sources); err != nil {
		return err
	}
	for _, src := range sources {
		if err := stream.Read(ctx, src, stream.Limits{Record: 64 << 20}, func(batch stream.Batch) error { return b.take(ctx, batch) }); err != nil {
			return err
		}
	}
	return b.end(ctx)
}

func (b *sharedBatch) take(ctx context.Context, batch stream.Batch) error {
	defer batch.Done()
	for i := range batch.Records {
		rec := &batch.Records[i]
		if err := b.add(ctx, batch.Input, rec.Line, rec.Offset, rec.Raw, int64(len(rec.Raw)), ""); err != nil {
			return err
		}
	}
	for i := range batch.Rejects {
		bad := &batch.Rejects[i]
		if err := b.add(ctx, batch.Input, bad.Line, bad.Offset, bad.Raw, bad.Bytes, bad.Reason); err != nil {
			return err
		}
	}
	b.cut.gaps = append(b.cut.gaps, batch.Gaps...)
	return nil
}

// add adds a document to the chunk, or why it is none.
func (b *sharedBatch) add(ctx context.Context, input string, line, offset int64, raw []byte, size int64, fault string) error {
	c := &b.cut
	c.body = wire.AppendText(wire.AppendText(c.body, input), fault)
	c.body = wire.AppendText(wire.AppendText(c.body, fmt.Sprintf("%d %d %d", line, offset, size)), string(raw))
	if c.count++; c.count >= chunkDocuments || len(c.body) >= chunkBytes {
		return b.send(ctx)
	}
	return nil
}

// send enqueues the chunk under way, and prints what is done when many are ahead.
func (b *sharedBatch) send(ctx context.Context) error {
	c := b.cut
	b.cut = chunk{body: b.cut.body[:0]}
	if c.count > 0 {
		body := append(binary.AppendVarint(nil, int64(c.count)), c.body...)
		sum := sha256.Sum256(body)
		name := b.queue + "_" + hex.EncodeToString(sum[:])
		err := b.book.AddChunk(ctx, name, body, func(ctx context.Context, tx *sql.Tx) error {
			return b.jobs.Add(ctx, tx, b.queue, name, b.app.Now())
		})
		if err != nil {
			return err
		}
		b.open = append(b.open, awaited{name, c.gaps})
	} else if len(c.gaps) > 0 {
		b.open = append(b.open, awaited{"", c.gaps})
	}
	return b.print(ctx, chunksAhead)
}

func (b *sharedBatch) end(ctx context.Context) error {
	if err := b.send(ctx); err != nil {
		return err
	}
	return b.print(ctx, 0)
}

// print prints results in order, until no more chunks than left are open.
func (b *sharedBatch) print(ctx context.Context, left int) error {
	for len(b.open) > left {
		one := b.open[0]
		var res chunkResult
		if one.name != "" {
			text, err := b.result(ctx, one.name)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &res); err != nil {
				return fmt.Errorf("what came out of a chunk: %w", err)
			}
		}
		b.open = b.open[1:]
		if err := b.acc.note(res.Read, res.Rejects, one.gaps, b.documents()); err != nil {
			return err
		}
		err := b.collect(&rescored{text: res.Text, verdicts: res.Verdicts, classes: res.Classes, then: res.Then, now: res.Now, top: render.Flips{Worst: res.Worst}, summary: res.Summary})
		if err != nil {
			return err
		}
	}
	return nil
}

// result waits for what comes out of a chunk.
func (b *sharedBatch) result(ctx context.Context, name string) ([]byte, error) {
	for {
		text, err := b.book.ChunkResult(ctx, name)
		if text != nil || err != nil {
			return text, err
		}
		if !pause(ctx, chunkPoll) {
			return nil, context.Cause(ctx)
		}
	}
}

// work rescores one chunk. It is called from several goroutines.
func (b *sharedBatch) work(ctx context.Context, name string) error {
	body, err := b.book.Chunk(ctx, name)
	if err != nil || body == nil {
		return err // somebody has done it
	}
	text, err := json.Marshal(b.judge(body))
	if err != nil {
		return fmt.Errorf("what comes out of a chunk: %w", err)
	}
	return b.book.FinishChunk(ctx, name, text)
}

// judge decides the documents of a chunk again.
func (b *sharedBatch) judge(body []byte) *chunkResult {
	w, res, out := b.worker(), rescored{}, &chunkResult{}
	d := wire.NewReader(body)
	for range d.Varint() {
		input, fault, at, raw := strings.Clone(d.Text()), d.Text(), d.Text(), d.Text()
		out.Read++
		if fault == "" {
			err := w.judge(raw, &res)
			if err == nil {
				continue
			}
			fault = err.Error()
		}
		bad := stream.Reject{Input: input, Reason: strings.Clone(fault), Raw: []byte(raw)}
		_, _ = fmt.Sscan(at, &bad.Line, &bad.Offset, &bad.Bytes) // as add wrote it
		out.Rejects = append(out.Rejects, bad)
	}
	out.Text, out.Verdicts, out.Classes, out.Then, out.Now, out.Worst, out.Summary = res.text, res.verdicts, res.classes, res.then, res.now, res.top.Worst, res.summary
	return out
}
