package sign_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/sign"
)

func TestAKeyFileGivesTheKeyBack(t *testing.T) {
	t.Parallel()
	path, k := filepath.Join(t.TempDir(), "alice.key"), key(t, "a")
	if err := sign.WriteKey(path, k); err != nil {
		t.Fatal(err)
	}
	got, err := sign.ReadKey(path)
	if err != nil || got.Public() != k.Public() {
		t.Fatalf("ReadKey = %v, %v", got, err)
	}
	payload := []byte("p")
	if err := sign.Verify(k.Public(), policyRule, payload, sign.Sign(got, policyRule, payload)); err != nil {
		t.Errorf("what the read key signs: %v", err)
	}
	if err := sign.WriteKey(path, key(t, "b")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a key was replaced: %v", err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "soc-ed25519-private:") || strings.Count(string(text), "\n") != 1 {
		t.Errorf("file holds %q, %v: not one private line", text, err)
	}
}

func TestTheZeroKeyIsNotWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.key")
	if err := sign.WriteKey(path, sign.Key{}); !errors.Is(err, sign.ErrBadKey) {
		t.Errorf("WriteKey = %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was left: %v", err)
	}
}

func TestAPrivateKeyOpenToOthersIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "k.key")
	if err := sign.WriteKey(path, key(t, "a")); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o644, 0o640, 0o602} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := sign.ReadKey(path)
		if refused, want := errors.Is(err, sign.ErrExposed), runtime.GOOS != "windows"; refused != want {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestTextsThatAreNoKeys(t *testing.T) {
	t.Parallel()
	public := key(t, "a").Public().String()
	for name, text := range map[string]string{
		"nothing":               "",
		"a private key":         "soc-ed25519-private:" + strings.Repeat("A", 43) + "=",
		"no base64":             "soc-ed25519:???",
		"too short":             "soc-ed25519:AAAA",
		"too long":              "soc-ed25519:" + strings.Repeat("A", 48),
		"another spelling":      strings.TrimSuffix(public, "=") + "B",
		"nothing but zeros":     "soc-ed25519:" + strings.Repeat("A", 43) + "=",
		"a key of another kind": "ssh-ed25519 AAAA",
	} {
		if _, _, err := sign.ParsePublic(text); !errors.Is(err, sign.ErrBadKey) {
			t.Errorf("%s: ParsePublic(%q) = %v", name, text, err)
		}
	}
	if _, err := sign.ParseKey(public); !errors.Is(err, sign.ErrBadKey) {
		t.Errorf("a public key read as a private one: %v", err)
	}
}

func TestAPublicKeyTravelsInADocument(t *testing.T) {
	t.Parallel()
	in := map[string]sign.Public{"key": key(t, "a").Public()}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]sign.Public
	if err := json.Unmarshal(text, &out); err != nil || out["key"] != in["key"] {
		t.Errorf("%s came back as %v, %v", text, out, err)
	}
	named := strings.Replace(string(text), `"}`, ` alice"}`, 1)
	if err := json.Unmarshal([]byte(named), &out); !errors.Is(err, sign.ErrBadKey) {
		t.Errorf("%s: %v", named, err)
	}
}

func TestParsePublicReadsTheNameBehindTheKey(t *testing.T) {
	t.Parallel()
	want := key(t, "a").Public()
	pub, name, err := sign.ParsePublic("  " + want.String() + "   night shift \n")
	if err != nil || pub != want || name != "night shift" {
		t.Errorf("ParsePublic = %v, %q, %v", pub, name, err)
	}
}
