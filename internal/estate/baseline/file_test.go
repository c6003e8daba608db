package baseline_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/seed-959697dd/soc/internal/estate/baseline"
)

func TestADamagedFileIsRefused(t *testing.T) {
	t.Parallel()
	whole := file(t, learn(t, baseline.Options{}, nil, ordinary()...))
	refused := func(name string, bytesOf []byte) {
		if _, err := baseline.Read(bytes.NewReader(bytesOf)); !errors.Is(err, baseline.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range whole {
		refused("cut", whole[:i])
	}
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 0x10
		if b, err := baseline.Read(bytes.NewReader(bad)); err == nil && !bytes.Equal(file(t, b), whole) {
			t.Errorf("byte %d changed: it was read, as something else", i)
		}
	}
	refused("a log", []byte(strings.Repeat("Jan  5 08:00:00 host sshd[1]: session opened\n", 9)))
}

// A small file must not unpack to a large one.
func TestAFileThatUnpacksToTooMuch(t *testing.T) {
	t.Parallel()
	payload := make([]byte, 8<<20)
	sum := sha256.Sum256(payload)
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := z.EncodeAll(payload, append([]byte("SOCB\x01"), sum[:]...))
	_, err = baseline.Read(bytes.NewReader(bomb))
	if !errors.Is(err, baseline.ErrFormat) || !strings.Contains(err.Error(), "unpacks to more") {
		t.Errorf("%d bytes: %v", len(bomb), err)
	}
}

func TestOpenNamesTheFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "no.socb")
	if _, err := baseline.Open(name); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), name) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(name, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := baseline.Open(name); !errors.Is(err, baseline.ErrFormat) || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

func TestDigestNamesTheContent(t *testing.T) {
	t.Parallel()
	records := ordinary()
	a, b := learn(t, baseline.Options{}, nil, records...), learn(t, baseline.Options{}, nil, records...)
	if a.Digest() != b.Digest() || !strings.HasPrefix(a.Digest(), "sha256:") {
		t.Errorf("%s and %s", a.Digest(), b.Digest())
	}
	if c := learn(t, baseline.Options{}, nil, records[1:]...); c.Digest() == a.Digest() {
		t.Error("another content has the same digest")
	}
	if got := a.Until(); !got.Equal(on(19, 0)) {
		t.Errorf("until %v", got)
	}
}
