package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// maxManifest bounds a manifest, in bytes.
const maxManifest = 256 << 20

// Fault is something in a folder that is not as its manifest says.
type Fault struct{ Name, What string }

// Verified is what a look at a folder found.
type Verified struct {
	Manifest string // digest of the manifest: what a journal has
	Copies   int    // that the manifest names
	Faults   []Fault
}

// ErrManifest means that a folder has no manifest that can be read to its end.
var ErrManifest = errors.New("no whole manifest")

// Verify compares a folder with its manifest: every copy is there and holds the bytes it held, nothing else lies there, and nothing is
// a link. It reads within the folder only. Whether the manifest is the one that was written, a journal knows: compare its digest.
func Verify(dir string) (Verified, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Verified{}, err
	}
	defer root.Close() //nolint:errcheck // only read
	text, err := regular(root, Manifest, maxManifest)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrKind) {
		return Verified{}, fmt.Errorf("%s: %w: %w", dir, ErrManifest, err)
	}
	if err != nil {
		return Verified{}, fmt.Errorf("%s: %w", dir, err)
	}
	sum := sha256.Sum256(text)
	v := Verified{Manifest: "sha256:" + hex.EncodeToString(sum[:])}
	named, err := v.lines(root, text)
	if err != nil {
		return v, fmt.Errorf("%s: %w", dir, err)
	}
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return v, err
	}
	for _, e := range list {
		if e.Name() != Manifest && !named[e.Name()] {
			v.fault(e.Name(), "the manifest does not name it")
		}
	}
	return v, nil
}

func (v *Verified) fault(name, what string) {
	if f := (Fault{name, what}); !slices.Contains(v.Faults, f) {
		v.Faults = append(v.Faults, f)
	}
}

// lines goes through the manifest and returns the names in it.
func (v *Verified) lines(root *os.Root, text []byte) (map[string]bool, error) {
	named, whole := map[string]bool{}, false
	for line := range strings.Lines(string(text)) {
		if whole || !gjson.Valid(line) {
			return nil, fmt.Errorf("%w: line %d is none of it", ErrManifest, v.Copies+1)
		}
		doc := gjson.Parse(line)
		if doc.Get("kind").Str == "summary" {
			if whole = doc.Get("copies").Int() == int64(v.Copies); !whole {
				return nil, fmt.Errorf("%w: it counts %d copies and names %d", ErrManifest, doc.Get("copies").Int(), v.Copies)
			}
			continue
		}
		v.Copies++
		name := doc.Get("name").Str
		if name == "" || name == Manifest || strings.ContainsAny(name, `/\`) || !fs.ValidPath(name) {
			v.fault(name, "no name that a copy has")
			continue
		}
		named[name] = true
		if what := differs(root, name, doc.Get("bytes").Int(), doc.Get("sha256").Str); what != "" {
			v.fault(name, what)
		}
	}
	if !whole {
		return nil, fmt.Errorf("%w: it ends before its last line", ErrManifest)
	}
	return named, nil
}

// differs says what is wrong with a copy; nothing when it is what it was.
func differs(root *os.Root, name string, size int64, sum string) string {
	st, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it is missing"
	case err != nil:
		return err.Error()
	case !st.Mode().IsRegular():
		return ErrKind.Error()
	case st.Size() != size:
		return fmt.Sprintf("it has %d bytes, not %d", st.Size(), size)
	}
	r, err := root.Open(name)
	if err != nil {
		return err.Error()
	}
	defer r.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return err.Error()
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return "its bytes are others"
	}
	return ""
}

// regular reads a file that is none but that.
func regular(root *os.Root, name string, most int64) ([]byte, error) {
	st, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", name, ErrKind)
	}
	if st.Size() > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return root.ReadFile(name)
}
