package dir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
)

// reading is one file under way: it is remembered when the last of its records is kept.
type reading struct {
	ctx context.Context //nolint:containedctx // Kept is called from elsewhere and later, and is given none
	dir *Dir
	whole

	mu   sync.Mutex
	left int // records that are not kept yet, and one for the reading itself
	err  error
}

// read hands over every record of a file.
func (d *Dir) read(ctx context.Context, root *os.Root, one whole, found func(alert.Fed) error) error {
	d.begun[one.name] = one.edition
	r := &reading{ctx: context.WithoutCancel(ctx), dir: d, whole: one, left: 1}
	src := stream.Source{Name: one.name, Met: true, Open: func() (io.ReadCloser, error) { return open(root, one.name) }}
	line := int64(-1)
	err := stream.Read(ctx, src, d.set.Limits, func(b stream.Batch) error {
		for i := range b.Records {
			rec := &b.Records[i]
			item := fmt.Sprintf("%s:%d", one.name, rec.Line)
			if rec.Line == line {
				item += fmt.Sprintf(":%d", rec.Offset)
			}
			line = rec.Line
			// A batch's memory is lent, and a record is kept for as long as its receiver likes.
			fed := alert.Fed{Pulled: alert.Pulled{Raw: clone(rec.Raw), View: clone(rec.View), Item: item, Edition: digest(rec.Raw)}}
			if err := r.hand(fed, found); err != nil {
				return err
			}
		}
		for i := range b.Rejects {
			rej := &b.Rejects[i]
			fed := alert.Fed{Pulled: alert.Pulled{Raw: clone(rej.Raw), Item: fmt.Sprintf("%s:%d", one.name, rej.Line), Edition: digest(rej.Raw)}, Fault: rej.Reason}
			if err := r.hand(fed, found); err != nil {
				return err
			}
		}
		defer b.Done()
		if len(b.Gaps) == 0 {
			return nil
		}
		fed := alert.Fed{}
		r.fail(errGap)
		for _, g := range b.Gaps {
			fed.Gaps = append(fed.Gaps, alert.Gap{Source: g.Input, Class: alert.Partial, Reason: g.Reason})
		}
		return found(fed)
	})
	if err != nil {
		return err
	}
	return r.done(nil)
}

// hand hands a record over and waits for word that it is kept.
func (r *reading) hand(fed alert.Fed, found func(alert.Fed) error) error {
	r.mu.Lock()
	r.left++
	r.mu.Unlock()
	fed.Kept = func(err error) { _ = r.done(err) }
	return found(fed)
}

// done counts one that is kept. A file of which one could not be kept is read again by the next process.
func (r *reading) done(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	if r.left--; r.left > 0 || r.err != nil || r.dir.set.Memory == nil {
		return nil
	}
	return r.dir.set.Memory.Keep(r.ctx, r.name, r.edition)
}

// errGap keeps a file that could not be read whole from being remembered as read.
var errGap = errors.New("not read whole")

func (r *reading) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = errors.Join(r.err, err)
}

// open does not wait: what was a file when it was looked at may be a pipe by now, to which nobody writes.
func open(root *os.Root, name string) (io.ReadCloser, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = stream.ErrDevice
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
