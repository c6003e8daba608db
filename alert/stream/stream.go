// Package stream turns any input (files, globs, directories, pipes) into batches of raw records in flat memory: it undoes
// compression and encoding, recognises the container by its content (lines, JSON values, arrays and API responses, CSV, logs
// of Zeek and in W3C's format, Windows event XML and other XML documents, ModSecurity audit logs, EVTX) and cuts it into records that say where they stood.
//
// It does not parse alerts, and it does not judge whether a record is valid: a broken line passes as a record and its
// reader rejects it. Only what cannot be a record (too long, cut off, out of shape) is rejected here, and counted.
//
// Start with Expand, Read and Batch.
package stream

import (
	"context"
	"fmt"
)

// Limits bound what one input may cost. A zero field means its default.
type Limits struct {
	Record int64 // bytes in one record; 4 MiB
	Ratio  int64 // decompressed bytes per compressed byte; 100
	Grace  int64 // decompressed bytes up to which the ratio does not matter; 1 GiB: logs repeat themselves
	Total  int64 // decompressed bytes of one compressed input; 64 GiB
}

func (l Limits) withDefaults() Limits {
	if l.Record <= 0 {
		l.Record = 4 << 20
	}
	if l.Ratio <= 0 {
		l.Ratio = 100
	}
	if l.Grace <= 0 {
		l.Grace = 1 << 30
	}
	if l.Total <= 0 {
		l.Total = 64 << 30
	}
	return l
}

// Record is one raw record. Its bytes belong to it: nothing writes to them after the batch is emitted, until Batch.Done.
type Record struct {
	Raw []byte // as received, without the end of its line
	// View is JSON made by the container: the row of a CSV file or of a Zeek log, the event of an EVTX file. Nil for everything else.
	View []byte
	Line int64 // of its first byte, from 1; in an EVTX file the ordinal of the event
	// Offset is the byte, from 0, at which Raw begins in the decompressed input. A UTF-8 byte order mark counts; UTF-16
	// input is counted after its conversion to UTF-8.
	Offset int64
	Item   string // what a system that handed it over calls it
}

// Reject is a stretch of input that cannot be a record.
type Reject struct {
	Input        string
	Line, Offset int64 // as in Record
	Bytes        int64 // how long the stretch is
	Reason       string
	Raw          []byte // its beginning, at most 64 KiB
	Item         string // as in Record
}

// Gap is trouble with an input as a whole: from here on something is missing, and nobody knows how much.
type Gap struct {
	Input, Reason string
	Class         string // the word for a gap's class; empty: partial
}

// Batch is what one stretch of input held: about 256 KiB of it, at most 1,000 records and rejects.
type Batch struct {
	Input   string
	Records []Record
	Rejects []Reject
	Gaps    []Gap
	Notes   []string // what there is to say of the input that is no gap: who else reads it, that it is back; Read makes none
	Bytes   int64    // of decompressed input this batch accounts for
	loan    *loan    // of the block that the records point into
}

// Read cuts one source into records and hands them to emit, in order, from the calling goroutine. Nothing retains a batch
// after emit returns, so emit may keep it. The error is what stops the run: the source does not open, emit failed, the
// context ended. Everything else that goes wrong is a Reject or a Gap. A read that blocks is not interrupted by ctx.
func Read(ctx context.Context, src Source, lim Limits, emit func(Batch) error) error {
	lim = lim.withDefaults()
	if src.Records != nil {
		return src.Records(ctx, lim, emit)
	}
	if src.Open == nil {
		return fmt.Errorf("opening %s: no way to open it", src.Name)
	}
	f, err := src.Open()
	if err != nil && src.Met {
		return emit(Batch{Input: src.Name, Gaps: []Gap{{Input: src.Name, Reason: "not read: " + err.Error()}}})
	}
	if err != nil {
		return fmt.Errorf("opening %s: %w", src.Name, err)
	}
	defer f.Close() //nolint:errcheck // opened for reading only: closing loses nothing
	in := decode(f, lim)
	defer in.close()
	w := &window{
		src: in, stop: ctx.Err, eager: in.eager, limit: int(min(lim.Record, maxRecord)),
		base: in.start, line: 1, fresh: true, wanted: src.Wanted, stored: src.Stored, pool: newPool(), out: outbox{name: src.Name, emit: emit},
	}
	if w.begins(evtxMagic) {
		w.evtx(f)
	} else if read := w.sniff(); read != nil {
		read()
	} else {
		w.lines()
	}
	return w.finish()
}

// finish emits what is left and returns what stopped the run.
func (w *window) finish() error {
	if w.cut() {
		w.gap(w.err.Error())
	}
	w.flush()
	return w.fail
}
