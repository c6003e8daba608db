package stream

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sort"
	"time"

	"www.velocidex.com/golang/evtx"
)

const (
	evtxHeader   = 4096
	evtxChunk    = 64 << 10
	evtxRecords  = 0x200            // offset of the first record in its chunk
	evtxPatience = 20 * time.Second // for one chunk, which takes milliseconds
)

// evtx reads a Windows event log, chunk by chunk. A chunk that is damaged costs a gap and, from the damage on, its events.
func (w *window) evtx(source io.Reader) {
	f, done, err := w.spool(source)
	if err != nil {
		w.gap("evtx: " + err.Error())
		return
	}
	defer done()
	w.buf, w.pos, w.base = nil, 0, 0 // from here on the file is read, not the window
	block := make([]byte, evtxChunk)
	for at := int64(evtxHeader); w.fail == nil; at += evtxChunk {
		if w.fail = w.stop(); w.fail != nil {
			return
		}
		n, err := f.ReadAt(block, at)
		if n == 0 && errors.Is(err, io.EOF) {
			return
		}
		if n < evtxChunk {
			w.gap(fmt.Sprintf("evtx: the chunk at byte %d is cut off", at))
			clear(block[n:])
		}
		if n < evtxChunk && !errors.Is(err, io.EOF) {
			w.gap(fmt.Sprintf("evtx: reading the chunk at byte %d: %v", at, err))
			return
		}
		if err := w.chunk(block, at); err != nil {
			w.gap(fmt.Sprintf("evtx: the chunk at byte %d: %v", at, err))
			if errors.Is(err, errHangs) {
				return
			}
		}
	}
}

// spool makes the input a file that can be read anywhere: itself, or a temporary one.
func (w *window) spool(source io.Reader) (io.ReaderAt, func(), error) {
	if in, ok := w.src.(input); ok && in.file != nil && io.Reader(in.file) == source {
		return in.file, func() {}, nil
	}
	f, err := os.CreateTemp("", "soc-evtx-*")
	if err != nil {
		return nil, nil, err
	}
	done := func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	for {
		if _, err := f.Write(w.rest()); err != nil {
			done()
			return nil, nil, err
		}
		w.pos = len(w.buf)
		if !w.more() {
			return f, done, nil
		}
	}
}

// chunk reads the events of one chunk. Its records are found here and only then given to the library, which trusts what
// it reads.
func (w *window) chunk(block []byte, at int64) error {
	if len(bytes.Trim(block, "\x00")) == 0 {
		return nil // not used yet
	}
	if !bytes.HasPrefix(block, []byte(evtx.EVTX_CHUNK_HEADER_MAGIC)) {
		return errors.New("no chunk begins here")
	}
	starts, whole := evtxWalk(block)
	n := len(starts)
	if whole && w.stored != nil && evtxSound(block, starts) {
		n = min(n, w.stored(block, starts))
	}
	var events []*evtx.EventRecord
	var err error
	if n > 0 {
		events, err = parseInTime(bytes.Clone(block), n)
	}
	for i, e := range events {
		w.addEvent(e, block, starts[i], at+int64(starts[i]))
		w.line++
	}
	w.line += int64(len(starts) - n)
	w.base = at + evtxChunk
	w.flush()
	if err == nil && !whole {
		err = fmt.Errorf("damaged after %d events", len(starts))
	}
	return err
}

// addEvent hands on one event. One of which the library makes nothing is a reject.
func (w *window) addEvent(e *evtx.EventRecord, block []byte, at int, offset int64) {
	hexadecimal(e.Event, block, at)
	stored := block[at:]
	raw, err := json.Marshal(e.Event)
	if err != nil || !bytes.HasPrefix(raw, []byte(`{"Event":`)) {
		w.begin("event cannot be read")
		w.open.Offset, w.open.Bytes = offset, int64(e.Header.Size)
		w.open.Raw = bytes.Clone(stored[:min(len(stored), int(e.Header.Size), maxKept)])
		w.end()
		return
	}
	if w.wanted == nil || w.wanted(-1, raw, len(raw)) {
		w.add(Record{Raw: raw, View: raw, Line: w.line, Offset: offset})
	}
}

// evtxWalk finds the records of a chunk, up to the first that is out of shape. whole says that all the chunk claims to hold
// are there.
func evtxWalk(block []byte) (starts []int, whole bool) {
	free := int(binary.LittleEndian.Uint32(block[48:]))
	for i := evtxRecords; i+evtx.EVTX_EVENT_RECORD_SIZE+4 <= len(block); {
		if string(block[i:i+4]) != evtx.EVTX_EVENT_RECORD_MAGIC {
			return starts, i >= free
		}
		size := int(binary.LittleEndian.Uint32(block[i+4:]))
		if size < evtx.EVTX_EVENT_RECORD_SIZE+4 || size > len(block)-i ||
			binary.LittleEndian.Uint32(block[i+size-4:]) != uint32(size) {
			return starts, false
		}
		starts = append(starts, i)
		i += size
	}
	return starts, true
}

// evtxSound tells whether the records are all that the chunk claims to hold, and what was written.
func evtxSound(block []byte, starts []int) bool {
	free := binary.LittleEndian.Uint32(block[48:])
	if len(starts) == 0 || free < evtxRecords || free > evtxChunk || crc32.ChecksumIEEE(block[evtxRecords:free]) != binary.LittleEndian.Uint32(block[52:]) {
		return false
	}
	last := starts[len(starts)-1]
	return last+int(binary.LittleEndian.Uint32(block[last+4:])) == int(free)
}

var errHangs = errors.New("takes too long, the rest of the file is not read")

// parseInTime gives up on a chunk made to hang its reader. The library cannot be interrupted, so that its goroutine goes
// on; the rest of such a file is not read, which leaves at most one behind for each file.
func parseInTime(block []byte, n int) ([]*evtx.EventRecord, error) {
	type result struct {
		events []*evtx.EventRecord
		err    error
	}
	parsed := make(chan result, 1)
	go func() {
		events, err := parseChunk(block, n)
		parsed <- result{events, err}
	}()
	select {
	case r := <-parsed:
		return r.events, r.err
	case <-time.After(evtxPatience):
		return nil, errHangs
	}
}

// parseChunk parses the first n records: all, or as many as the library reads without panic.
func parseChunk(block []byte, n int) ([]*evtx.EventRecord, error) {
	events, err := tryChunk(block, n)
	if err == nil {
		return events, nil
	}
	good := sort.Search(n, func(k int) bool {
		_, err := tryChunk(block, k+1)
		return err != nil
	})
	events, again := tryChunk(block, good)
	if again != nil {
		return nil, again
	}
	return events, fmt.Errorf("damaged after %d events: %w", good, err)
}

func tryChunk(block []byte, n int) (events []*evtx.EventRecord, err error) {
	if n == 0 {
		return nil, nil
	}
	defer func() {
		if r := recover(); r != nil {
			events, err = nil, fmt.Errorf("%v", r)
		}
	}()
	c := evtx.Chunk{Fd: bytes.NewReader(block)}
	c.Header.FirstEventRecNumber, c.Header.LastEventRecNumber = 1, uint64(n)
	events, err = c.Parse(0)
	if err == nil && len(events) != n {
		err = fmt.Errorf("%d of %d events can be read", len(events), n)
	}
	return events, err
}
