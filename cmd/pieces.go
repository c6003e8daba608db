package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"golang.org/x/text/encoding/unicode"

	"github.com/seed-959697dd/soc/alert/stream"
)

// piece is a stretch of text on its way through the workers. It ends at the end of a line, unless a line is longer than
// longestLine.
type piece struct {
	input  string
	text   []byte
	from   int   // what stands in front is context from the piece before
	offset int64 // in the input, of text[0]
	line   int64 // of text[from], counted from 1
	out    []byte
	marks  []mark
	counts [32]int64
	gap    string // why an input that was met in a directory could not be read
	done   chan struct{}
}

// mark is where in the output of a piece something ends, and what it says, so that a repetition can be left out.
type mark struct {
	end  int
	kind int
	sum  [16]byte
}

const (
	pieceSize   = 256 << 10
	longestLine = 1 << 20
	lookBack    = 64 // bytes of context kept where a line is cut
)

// pieces reads the sources as text, has workers look at the pieces, and hands them to collect in the order of the input. use
// makes one worker. A piece lives until collect returns.
func pieces(ctx context.Context, sources []stream.Source, use func() func(*piece), collect func(p *piece, more bool) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := runtime.GOMAXPROCS(0)
	free := make(chan *piece, workers+4)
	jobs, queue := make(chan *piece, workers), make(chan *piece, workers+2)
	var wg sync.WaitGroup
	for range workers {
		work := use()
		wg.Go(func() {
			for p := range jobs {
				work(p)
				p.done <- struct{}{}
			}
		})
	}
	wg.Go(func() {
		defer close(queue)
		defer close(jobs)
		for i := range sources {
			err := cutUp(ctx, &sources[i], free, queue, jobs)
			if err != nil && sources[i].Met && ctx.Err() == nil {
				p := fresh(free, sources[i].Name)
				p.gap = err.Error()
				err = send(ctx, p, queue, jobs)
			}
			if err != nil {
				cancel(err)
				return
			}
		}
	})
	err := collectPieces(ctx, queue, free, collect)
	cancel(err)
	settle(&wg, err)
	return err
}

func collectPieces(ctx context.Context, queue <-chan *piece, free chan<- *piece, collect func(*piece, bool) error) error {
	for {
		select {
		case p, more := <-queue:
			if !more {
				return context.Cause(ctx)
			}
			select {
			case <-p.done:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if err := collect(p, len(queue) > 0); err != nil {
				return err
			}
			select {
			case free <- p:
			default:
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// cutUp reads one source and sends its pieces on.
func cutUp(ctx context.Context, src *stream.Source, free <-chan *piece, queue, jobs chan<- *piece) error {
	f, err := src.Open()
	if err != nil {
		return fmt.Errorf("opening %s: %w", src.Name, err)
	}
	defer f.Close() //nolint:errcheck // opened for reading only: closing loses nothing
	in, err := plainText(f)
	if err != nil {
		return usage(fmt.Errorf("reading %s: %w", src.Name, err), "zcat "+shellWord(src.Name)+" | soc intel extract")
	}
	p := fresh(free, src.Name)
	p.line = 1
	for {
		if len(p.text) == cap(p.text) {
			p.text = append(make([]byte, 0, 2*cap(p.text)), p.text...)
		}
		n, err := in.Read(p.text[len(p.text):cap(p.text)])
		p.text = p.text[:len(p.text)+n]
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading %s: %w", src.Name, err)
		}
		cut := len(p.text)
		if err == nil {
			if cut = cutAt(p.text[p.from:]) + p.from; cut == p.from {
				continue
			}
		}
		next := fresh(free, src.Name)
		p.pass(next, cut)
		if serr := send(ctx, p, queue, jobs); serr != nil || err != nil {
			return serr
		}
		p = next
	}
}

// send gives a piece to those who wait for it in order, and to the workers.
func send(ctx context.Context, p *piece, channels ...chan<- *piece) error {
	for _, ch := range channels {
		select {
		case ch <- p:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func fresh(free <-chan *piece, input string) *piece {
	select {
	case p := <-free:
		*p = piece{input: input, text: p.text[:0], out: p.out[:0], marks: p.marks[:0], done: p.done}
		return p
	default:
		return &piece{input: input, text: make([]byte, 0, pieceSize), done: make(chan struct{}, 1)}
	}
}

// pass ends p at cut and begins next with the rest. Behind a line that was cut, next begins with the end of p for context.
func (p *piece) pass(next *piece, cut int) {
	keep := 0
	if cut > 0 && p.text[cut-1] != '\n' {
		keep = min(lookBack, cut)
	}
	next.text = append(next.text, p.text[cut-keep:]...)
	next.from = keep
	next.offset = p.offset + int64(cut-keep)
	next.line = p.line + int64(bytes.Count(p.text[p.from:cut], []byte{'\n'}))
	p.text = p.text[:cut]
}

// cutAt returns where to cut text so that nothing that belongs together is torn: behind the last end of a line that is not broken
// softly, and in a line that is too long behind a quote or a blank. It returns 0 to read on.
func cutAt(text []byte) int {
	for end := len(text); ; {
		i := bytes.LastIndexByte(text[:end], '\n')
		if i < 0 {
			break
		}
		if line := bytes.TrimSuffix(text[:i], []byte{'\r'}); !bytes.HasSuffix(line, []byte{'='}) {
			return i + 1
		}
		end = i
	}
	if len(text) < longestLine {
		return 0
	}
	for _, set := range []string{"\"<>|\t", " "} {
		if i := bytes.LastIndexAny(text[len(text)-longestLine/2:], set); i >= 0 {
			return len(text) - longestLine/2 + i + 1
		}
	}
	return len(text)
}

// plainText undoes UTF-16 and refuses what is compressed.
func plainText(r io.Reader) (io.Reader, error) {
	var head [4]byte
	n, err := io.ReadFull(r, head[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	all := io.MultiReader(bytes.NewReader(head[:n]), r)
	for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh", "\xfd7zX", "PK\x03\x04"} {
		if bytes.HasPrefix(head[:n], []byte(magic)) {
			return nil, errors.New("compressed: it needs unpacking first")
		}
	}
	if bytes.HasPrefix(head[:n], []byte("\xff\xfe")) || bytes.HasPrefix(head[:n], []byte("\xfe\xff")) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(all), nil
	}
	return all, nil
}
