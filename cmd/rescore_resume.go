package cmd

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// A run with --resume notes after every 10,000 verdicts what it has counted, how far it has read and how long --out was then. A run that
// finds such a note cuts --out back to that length and goes on from there. The note goes when the run is done.

// bookmark is how far a run is. A nil one marks nothing.
type bookmark struct {
	file     string
	settings string // digest of all that the result depends on
	noted    int64  // verdicts when it was last written
	skip     int    // gaps of the input under way that are counted already
	place
}

// place is a bookmark's place in the inputs.
type place struct {
	Input  int   // index of the input under way
	Offset int64 // up to which it is done
	Gaps   int   // of it, so far
}

// noteEvery is after how many verdicts a run notes where it is.
const noteEvery = 10_000

// saved is the note, as it lies in the file.
type saved struct {
	Kind     string // rescoring
	Version  int
	Settings string
	Place    place
	Bytes    int64 // length of --out
	Read     int64
	Rejected int64
	First    []stream.Reject
	Gaps     []stream.Gap
	Summary  bool // was met
	Verdicts int64
	Classes  [triage.NoFlip + 1]int64
	Worst    []render.FlipRow
	Then     fit
	Now      fit
}

func (m *bookmark) offset() int64 {
	if m == nil {
		return 0
	}
	return m.Offset
}

func (m *bookmark) done(sources []stream.Source) bool { return m.Input >= len(sources) }

func (m *bookmark) next() { m.place, m.skip = place{Input: m.Input + 1}, 0 }

// fresh leaves out the gaps that are counted already.
func (m *bookmark) fresh(gaps []stream.Gap) []stream.Gap {
	if m == nil {
		return gaps
	}
	known := min(m.skip, len(gaps))
	m.skip -= known
	m.Gaps += len(gaps) - known
	return gaps[known:]
}

func (m *bookmark) remove() error {
	if m == nil {
		return nil
	}
	if err := os.Remove(m.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// open makes ready where documents go, and goes to where an earlier run stopped.
func (r *rescoring) open(o rescoreOptions, sources []stream.Source) error {
	if o.out == "" {
		if r.app.wantsJSON() {
			r.docs = r.out
		}
		return nil
	}
	note, err := r.recollect(o, sources)
	if err != nil {
		return err
	}
	if err := notAnInput(o.out, sources); err != nil {
		return err
	}
	flags := os.O_CREATE | os.O_WRONLY
	if note == nil {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(o.out, flags, 0o600)
	if err != nil {
		return usage(fmt.Errorf("--out: %w", err), "soc rescore verdicts.ndjson --out flips.ndjson")
	}
	r.file, r.docs = f, bufio.NewWriterSize(f, 64<<10)
	if note == nil {
		return nil
	}
	return r.goOn(note)
}

func notAnInput(out string, sources []stream.Source) error {
	old, err := os.Stat(out)
	if err != nil {
		return nil //nolint:nilerr // what is not there is no input
	}
	for i := range sources {
		if in, err := os.Stat(sources[i].Name); err == nil && os.SameFile(in, old) {
			return usage(fmt.Errorf("--out %s: is an input too", out), "soc rescore verdicts.ndjson --out flips.ndjson")
		}
	}
	return nil
}

// recollect reads the note of an earlier run, nil when there is none.
func (r *rescoring) recollect(o rescoreOptions, sources []stream.Source) (*saved, error) {
	if r.mark == nil {
		return nil, nil
	}
	const anew = ": remove it to begin anew"
	var err error
	if r.mark.settings, err = r.resting(o, sources); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(o.resume)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, usage(fmt.Errorf("--resume: %w", err), "soc rescore --help")
	}
	var s saved
	if err := json.Unmarshal(text, &s); err != nil || s.Kind != "rescoring" || s.Version != 1 {
		return nil, usage(fmt.Errorf("--resume %s: is no note of a rescoring%s", o.resume, anew), "rm "+shellWord(o.resume))
	}
	if s.Settings != r.mark.settings {
		return nil, usage(fmt.Errorf("--resume %s: was begun with other settings or inputs%s", o.resume, anew), "rm "+shellWord(o.resume))
	}
	if st, err := os.Stat(o.out); err != nil || st.Size() < s.Bytes {
		return nil, usage(fmt.Errorf("--resume %s: %s is shorter than it was then%s", o.resume, o.out, anew), "rm "+shellWord(o.resume))
	}
	return &s, nil
}

// resting is a digest of all that the result depends on. What may change between reading and going on is not read again from a pipe.
func (r *rescoring) resting(o rescoreOptions, sources []stream.Source) (string, error) {
	sum := sha256.New()
	say := func(format string, args ...any) { fmt.Fprintf(sum, format+"\n", args...) } //nolint:errcheck // a hash never fails
	say("%q %q %q %q %q", r.app.version(), r.stands.Digests.Policy, r.stands.Digests.Precedent, o.now, o.out)
	say("%v %v", r.app.wantsJSON(), r.policy.Precedent != nil)
	for i := range sources {
		st, err := os.Stat(sources[i].Name)
		if err != nil || !st.Mode().IsRegular() {
			return "", usage(fmt.Errorf("--resume: %s is no file that can be read again", sources[i].Name), "soc rescore verdicts.ndjson --out flips.ndjson --resume rescore.state")
		}
		say("%q %d %d", sources[i].Name, st.Size(), st.ModTime().UnixNano())
	}
	if o.labels == "" {
		return hex.EncodeToString(sum.Sum(nil)), nil
	}
	f, err := os.Open(o.labels)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// goOn takes up what the note says.
func (r *rescoring) goOn(s *saved) error {
	if err := r.file.Truncate(s.Bytes); err != nil {
		return fmt.Errorf("cutting --out back: %w", err)
	}
	if _, err := r.file.Seek(s.Bytes, io.SeekStart); err != nil {
		return fmt.Errorf("cutting --out back: %w", err)
	}
	m, f := r.mark, &r.flips
	m.place, m.skip, m.noted = s.Place, s.Place.Gaps, s.Verdicts
	r.acc.read, r.acc.rejected, r.acc.first, r.acc.gaps, r.last = s.Read, s.Rejected, s.First, s.Gaps, s.Summary
	f.Verdicts, f.Classes, f.Worst, r.then, r.now = s.Verdicts, s.Classes, s.Worst, s.Then, s.Now
	return nil
}

// keepMark notes how far the run is, when it is time to.
func (r *rescoring) keepMark(offset int64) error {
	m, f := r.mark, &r.flips
	if m == nil {
		return nil
	}
	if m.Offset = max(m.Offset, offset); f.Verdicts-m.noted < noteEvery {
		return nil
	}
	m.noted = f.Verdicts
	if err := r.docs.Flush(); err != nil {
		return err
	}
	if err := r.file.Sync(); err != nil {
		return fmt.Errorf("writing --out: %w", err)
	}
	bytes, err := r.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("writing --out: %w", err)
	}
	return m.write(&saved{
		Kind: "rescoring", Version: 1, Settings: m.settings, Place: m.place, Bytes: bytes, Read: r.acc.read, Rejected: r.acc.rejected, First: r.acc.first, Gaps: r.acc.gaps,
		Summary: r.last, Verdicts: f.Verdicts, Classes: f.Classes, Worst: f.Worst, Then: r.then, Now: r.now,
	})
}

// write puts the note in the place of the one before, whole or not at all.
func (m *bookmark) write(s *saved) (err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("noting how far the run is: %w", err)
	}
	f, err := os.OpenFile(m.file+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("noting how far the run is: %w", err)
	}
	_, err = io.Copy(f, bytes.NewReader(append(text, '\n')))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), m.file)
	}
	if err != nil {
		return fmt.Errorf("noting how far the run is: %w", err)
	}
	return nil
}
