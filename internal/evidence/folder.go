package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Manifest is the name of the manifest in a folder.
const Manifest = "manifest.jsonl"

// Kind is what a copy is of.
type Kind string

// The kinds.
const (
	Alert  Kind = "alert"
	Event  Kind = "event"
	Script Kind = "script" // decoded from a record
	File   Kind = "file"   // named by a person
)

// Item is what is known of a copy before it is made.
type Item struct {
	Kind         Kind
	Case         string
	ID           string // of the alert, or the event's number
	Source       string // the input or file in which its bytes stood
	Line, Offset int64  // in the source, as in documents; 0 and 0 for a file
	Time         time.Time
	Digest       string // sha256:... that the bytes must have; empty: any
}

// Copy is a line of the manifest.
type Copy struct {
	Item
	Name  string // in the folder
	Sum   [sha256.Size]byte
	Bytes int64
}

// Folder is an evidence folder that is being filled. It is for one goroutine.
type Folder struct {
	dir, beside string
	by          string
	now         func() time.Time
	root        *os.Root
	copies      []Copy
	written     map[string]bool
}

var (
	// ErrDigest means that bytes are not those they should be.
	ErrDigest = errors.New("its bytes are others than those that were read")
	// ErrKind means that something is no regular file: a link, a directory, a device.
	ErrKind = errors.New("no regular file")
)

// Create begins a folder at dir, which may not be there yet or be empty; those above it are made. It is filled beside its place and moved there by Close. by is
// who collects.
func Create(dir, by string, now func() time.Time) (*Folder, error) {
	dir = filepath.Clean(dir)
	switch st, err := os.Lstat(dir); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case !st.IsDir():
		return nil, fmt.Errorf("%s: it is there and no directory", dir)
	default:
		list, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			return nil, fmt.Errorf("%s: it is not empty: evidence goes into a folder of its own", dir)
		}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, err
	}
	beside, err := os.MkdirTemp(filepath.Dir(dir), ".soc-evidence-*") // mode 0700
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(beside)
	if err != nil {
		return nil, errors.Join(err, os.Remove(beside))
	}
	return &Folder{dir: dir, beside: beside, by: by, now: now, root: root, written: map[string]bool{}}, nil
}

// Add copies bytes into the folder. The same bytes stand there once, however often they were found.
func (f *Folder) Add(it Item, r io.Reader) (Copy, error) {
	const part = "part"
	w, err := f.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Copy{}, err
	}
	c := Copy{Item: it}
	sum := sha256.New()
	c.Bytes, err = io.Copy(io.MultiWriter(w, sum), r)
	if err = errors.Join(err, w.Sync(), w.Close()); err != nil {
		return Copy{}, errors.Join(fmt.Errorf("copying %s: %w", it.Source, err), f.root.Remove(part))
	}
	sum.Sum(c.Sum[:0])
	if it.Digest != "" && it.Digest != c.Digest() {
		return Copy{}, errors.Join(fmt.Errorf("%s: %w", it.Source, ErrDigest), f.root.Remove(part))
	}
	c.Name = hex.EncodeToString(c.Sum[:12]) + extension(&it)
	if f.written[c.Name] {
		err = f.root.Remove(part)
	} else {
		f.written[c.Name] = true
		err = f.root.Rename(part, c.Name)
	}
	if err != nil {
		return Copy{}, err
	}
	f.copies = append(f.copies, c)
	return c, nil
}

// AddBytes is Add of bytes in memory.
func (f *Folder) AddBytes(it Item, b []byte) (Copy, error) { return f.Add(it, bytes.NewReader(b)) }

// AddFile copies a file that a person named. Links are not followed; what is put in its place meanwhile is found out.
func (f *Folder) AddFile(it Item) (Copy, error) {
	before, err := os.Lstat(it.Source)
	if err != nil {
		return Copy{}, err
	}
	if !before.Mode().IsRegular() {
		return Copy{}, fmt.Errorf("%s: %w", it.Source, ErrKind)
	}
	r, err := os.Open(it.Source)
	if err != nil {
		return Copy{}, err
	}
	defer r.Close() //nolint:errcheck // only read
	after, err := r.Stat()
	if err != nil {
		return Copy{}, err
	}
	if !os.SameFile(before, after) {
		return Copy{}, fmt.Errorf("%s: %w: it was replaced while it was opened", it.Source, ErrKind)
	}
	if it.Time.IsZero() {
		it.Time = after.ModTime()
	}
	return f.Add(it, r)
}

// extensions are those that a copy of a file may keep: no program starts by them.
const extensions = " .txt .log .json .jsonl .ndjson .csv .tsv .xml .evtx .pcap .pcapng .eml .msg .mem .dmp .raw .img .zip .gz .yaml .yml .conf .cfg .ini .reg "

// extension is that of a copy: one of a list, never one that an alert chose.
func extension(it *Item) string {
	switch it.Kind {
	case Alert, Event:
		return ".record"
	case Script:
		return ".txt"
	case File:
		if ext := strings.ToLower(filepath.Ext(it.Source)); ext != "" && strings.Contains(extensions, " "+ext+" ") {
			return ext
		}
	}
	return ".bin"
}

// Copies are what was taken so far, in the order of taking.
func (f *Folder) Copies() []Copy { return slices.Clone(f.copies) }

// Close writes the manifest and moves the folder to its place. It returns the digest of the manifest.
func (f *Folder) Close() (digest string, err error) {
	b := appendManifest(nil, f.copies, f.by, f.now())
	w, err := f.root.OpenFile(Manifest, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", errors.Join(err, f.Drop())
	}
	_, err = w.Write(b)
	if err = errors.Join(err, w.Sync(), w.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("writing the manifest: %w", err), f.Drop())
	}
	if err := f.root.Close(); err != nil {
		return "", err
	}
	if err := os.Remove(f.dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // it was empty
		return "", errors.Join(err, os.RemoveAll(f.beside))
	}
	if err := os.Rename(f.beside, f.dir); err != nil {
		return "", errors.Join(err, os.RemoveAll(f.beside))
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// Drop gives up: nothing is left of the folder.
func (f *Folder) Drop() error { return errors.Join(f.root.Close(), os.RemoveAll(f.beside)) }

// Digest is the copy's, as documents have it.
func (c *Copy) Digest() string { return "sha256:" + hex.EncodeToString(c.Sum[:]) }
