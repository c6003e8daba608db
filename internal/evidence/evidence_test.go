package evidence_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/evidence"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// filled is a folder with an alert, a script and a file of a person.
func filled(t *testing.T) (dir, digest string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "memory.DMP")
	if err := os.WriteFile(file, []byte("MDMP"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "c-1a")
	f, err := evidence.Create(dir, "maria", clock)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []string{`{"id":"a1"}`, `{"id":"a1"}`, `{"id":"a2"}`} {
		if _, err := f.AddBytes(evidence.Item{Kind: evidence.Alert, Case: "c-1a", ID: "a\x1b1", Source: "alerts.json", Line: 3, Offset: 90, Time: noon}, []byte(b)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.AddBytes(evidence.Item{Kind: evidence.Script, Source: "decoded from alert a1"}, []byte("iex")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.AddFile(evidence.Item{Kind: evidence.File, Source: file}); err != nil {
		t.Fatal(err)
	}
	if digest, err = f.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, digest
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir, digest := filled(t)
	v, err := evidence.Verify(dir)
	if err != nil || len(v.Faults) > 0 || v.Copies != 5 || v.Manifest != digest {
		t.Errorf("%+v, %v", v, err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 5 { // four different ones and the manifest
		t.Errorf("%v, %v", list, err)
	}
	name := regexp.MustCompile(`^([0-9a-f]{24}\.(record|txt|dmp)|manifest\.jsonl)$`)
	for _, e := range list {
		if !name.MatchString(e.Name()) {
			t.Errorf("a name %q", e.Name())
		}
		if st, err := e.Info(); runtime.GOOS != "windows" && (err != nil || st.Mode().Perm() != 0o600) {
			t.Errorf("%s: %v", e.Name(), st.Mode())
		}
	}
	if st, err := os.Stat(dir); runtime.GOOS != "windows" && (err != nil || st.Mode().Perm() != 0o700) {
		t.Errorf("%v", st.Mode())
	}
	text, err := os.ReadFile(filepath.Join(dir, evidence.Manifest))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if !strings.HasPrefix(first, `{"kind":"evidence","version":1,"name":"5cc2b0b4633517b59ff08d13.record","sha256":"5cc2b0b4633517b59ff08d134998061ecc5b278ddf09cf26813aea7409d03738"`) ||
		!strings.HasSuffix(first, `,"bytes":11,"what":"alert","case":"c-1a","id":"a\u001b1","source":"alerts.json","line":3,"offset":90,"time":"2026-03-14T12:00:00Z","collected":"2026-03-14T12:00:00Z","by":"maria"}`) {
		t.Errorf("%s", first)
	}
}

// Whatever is done to a folder, Verify says it.
func TestVerifyFindsEveryChange(t *testing.T) {
	t.Parallel()
	record := func(dir string) string {
		list, err := filepath.Glob(filepath.Join(dir, "*.record"))
		if err != nil || len(list) != 2 {
			t.Fatalf("%v, %v", list, err)
		}
		return list[0]
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, row := range map[string]struct {
		do   func(dir string)
		what string
	}{
		"a byte":           {func(dir string) { must(os.WriteFile(record(dir), []byte(`{"id":"b1"}`), 0o600)) }, "its bytes are others"},
		"a byte more":      {func(dir string) { must(os.WriteFile(record(dir), []byte(`{"id":"a11"}`), 0o600)) }, "it has 12 bytes, not 11"},
		"one is gone":      {func(dir string) { must(os.Remove(record(dir))) }, "it is missing"},
		"one is put there": {func(dir string) { must(os.WriteFile(filepath.Join(dir, "x"), nil, 0o600)) }, "the manifest does not name it"},
		"a link in its place": {func(dir string) {
			at := record(dir)
			must(os.Rename(at, at+".away"))
			if err := os.Symlink(filepath.Base(at)+".away", at); err != nil {
				must(os.WriteFile(at, nil, 0o600)) // no links on this system
			}
		}, ""},
	} {
		dir, _ := filled(t)
		row.do(dir)
		v, err := evidence.Verify(dir)
		if err != nil || len(v.Faults) == 0 || !strings.Contains(v.Faults[0].What, row.what) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

// A manifest that was cut anywhere is none; one that was written anew has another digest.
func TestVerifyFindsACutManifest(t *testing.T) {
	t.Parallel()
	dir, digest := filled(t)
	file := filepath.Join(dir, evidence.Manifest)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(text) - 1 {
		if n%7 > 0 && text[n] != '\n' && text[n] != '}' {
			continue
		}
		if err := os.WriteFile(file, text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if v, err := evidence.Verify(dir); !errors.Is(err, evidence.ErrManifest) && v.Manifest == digest {
			t.Fatalf("cut after %d of %d bytes: %+v, %v", n, len(text), v, err)
		}
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "maria", "mario", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if v, err := evidence.Verify(dir); err != nil || v.Manifest == digest {
		t.Errorf("%+v, %v", v, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.Verify(dir); !errors.Is(err, evidence.ErrManifest) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// A manifest that names what lies elsewhere leads nowhere.
func TestVerifyStaysInside(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../secret", "/etc/passwd", "a/b", `a\b`, "..", ".", "", evidence.Manifest} {
		dir := t.TempDir()
		doc, err := json.Marshal(map[string]any{"kind": "evidence", "name": name, "bytes": 0, "sha256": ""})
		if err != nil {
			t.Fatal(err)
		}
		text := string(doc) + "\n" + `{"kind":"summary","copies":1}` + "\n"
		if err := os.WriteFile(filepath.Join(dir, evidence.Manifest), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if v, err := evidence.Verify(dir); err != nil || len(v.Faults) != 1 {
			t.Errorf("%q: %+v, %v", name, v, err)
		}
	}
}

// Until the end there is nothing at the folder's place: who is killed leaves no half of it.
func TestFolderAppearsWhole(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	dir := filepath.Join(above, "c-1a")
	if err := os.Mkdir(dir, 0o700); err != nil { // an empty one is as good as none
		t.Fatal(err)
	}
	f, err := evidence.Create(dir, "maria", clock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.AddBytes(evidence.Item{Kind: evidence.Alert, Source: "a"}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := evidence.Verify(dir); !errors.Is(err, evidence.ErrManifest) {
		t.Errorf("%v", err)
	}
	if err := f.Drop(); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(above); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	file := filepath.Join(above, "file.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{above, file} {
		if _, err := evidence.Create(dir, "maria", clock); err == nil {
			t.Errorf("%s was taken", dir)
		}
	}
	f, err := evidence.Create(filepath.Join(above, "new"), "maria", clock)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Drop() //nolint:errcheck // a temporary directory
	if _, err := f.AddBytes(evidence.Item{Kind: evidence.Alert, Source: "a", Digest: "sha256:00"}, []byte("x")); !errors.Is(err, evidence.ErrDigest) {
		t.Errorf("%v", err)
	}
	if _, err := f.AddFile(evidence.Item{Kind: evidence.File, Source: above}); !errors.Is(err, evidence.ErrKind) {
		t.Errorf("a directory: %v", err)
	}
	link := filepath.Join(above, "link")
	if err := os.Symlink(file, link); err == nil {
		if _, err := f.AddFile(evidence.Item{Kind: evidence.File, Source: link}); !errors.Is(err, evidence.ErrKind) {
			t.Errorf("a link: %v", err)
		}
		if _, err := evidence.Create(link, "maria", clock); err == nil {
			t.Error("a folder at a link")
		}
	}
	if len(f.Copies()) != 0 {
		t.Errorf("%+v", f.Copies())
	}
	// The name of a copy is none that its source chose.
	c, err := f.AddFile(evidence.Item{Kind: evidence.File, Source: file})
	if err != nil || !strings.HasSuffix(c.Name, ".txt") {
		t.Errorf("%+v, %v", c, err)
	}
	for _, name := range []string{"x.exe", "x.lnk", "x.html", "x.json/../../y", "x. txt", "x"} {
		at := filepath.Join(above, filepath.Base(name))
		if err := os.WriteFile(at, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := f.AddFile(evidence.Item{Kind: evidence.File, Source: at}); err != nil || !strings.HasSuffix(c.Name, ".bin") {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestZip(t *testing.T) {
	t.Parallel()
	dir, _ := filled(t)
	files := [2]string{dir + "-1.zip", dir + "-2.zip"}
	var bytes [2]string
	for i, file := range files {
		if err := evidence.Zip(dir, file, noon); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bytes[i] = string(b)
	}
	if bytes[0] != bytes[1] {
		t.Error("the same folder packs to other bytes")
	}
	if err := evidence.Zip(dir, files[0], noon); err == nil {
		t.Error("an archive was written over")
	}
	r, err := zip.OpenReader(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	for _, e := range r.File {
		if !strings.HasPrefix(e.Name, "c-1a/") || strings.Contains(e.Name, "..") || e.Mode() != 0o600 {
			t.Errorf("%s %v", e.Name, e.Mode())
		}
	}
	if len(r.File) != 5 {
		t.Errorf("%d entries", len(r.File))
	}
}
