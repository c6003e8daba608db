package sign_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/sign"
)

const policyRule = "soc policy rule v1"

// key makes the same key for the same letter.
func key(t testing.TB, letter string) sign.Key {
	t.Helper()
	k, err := sign.Generate(strings.NewReader(strings.Repeat(letter, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestASignatureHoldsForWhatWasSignedAndNothingElse(t *testing.T) {
	t.Parallel()
	a, b := key(t, "a"), key(t, "b")
	good := sign.Sign(a, policyRule, []byte("close scanner"))
	rows := map[string]struct {
		pub              sign.Public
		context, payload string
		signature        string
		wantBad          bool
	}{
		"what was signed":              {a.Public(), policyRule, "close scanner", good, false},
		"another payload":              {a.Public(), policyRule, "close everything", good, true},
		"another key":                  {b.Public(), policyRule, "close scanner", good, true},
		"another context":              {a.Public(), "soc plan approval v1", "close scanner", good, true},
		"context and payload shifted":  {a.Public(), policyRule + "c", "lose scanner", good, true},
		"no signature":                 {a.Public(), policyRule, "close scanner", "", true},
		"a newline within":             {a.Public(), policyRule, "close scanner", good[:8] + "\n" + good[8:], true},
		"cut short":                    {a.Public(), policyRule, "close scanner", good[:84], true},
		"the zero key trusts nothing":  {sign.Public{}, policyRule, "close scanner", good, true},
		"the zero key signs nothing":   {sign.Key{}.Public(), policyRule, "x", sign.Sign(sign.Key{}, policyRule, []byte("x")), true},
		"an empty payload can be true": {a.Public(), policyRule, "", sign.Sign(a, policyRule, nil), false},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := sign.Verify(row.pub, row.context, []byte(row.payload), row.signature)
			if row.wantBad != errors.Is(err, sign.ErrBadSignature) || !row.wantBad && err != nil {
				t.Errorf("Verify = %v, want bad: %v", err, row.wantBad)
			}
		})
	}
}

func TestAPrivateKeyNeverShowsItself(t *testing.T) {
	t.Parallel()
	k := key(t, "s")
	secret := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("s"), 32))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		got := fmt.Sprintf(verb, k)
		if got != "private key of "+k.Public().String() || strings.Contains(got, secret) {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	_, err := sign.ParseKey("soc-ed25519-private:" + secret + "A")
	if !errors.Is(err, sign.ErrBadKey) || strings.Contains(err.Error(), secret[:8]) {
		t.Errorf("ParseKey = %v", err)
	}
}

func TestGenerateNeedsEnoughRandomness(t *testing.T) {
	t.Parallel()
	if _, err := sign.Generate(strings.NewReader("short")); err == nil {
		t.Error("a key from five bytes")
	}
}

func FuzzAnyChangedBitFails(f *testing.F) {
	f.Add(policyRule, []byte("close scanner"), uint(0), uint(3))
	f.Add("", []byte{0}, uint(1), uint(9))
	f.Add("soc", []byte(nil), uint(2), uint(511))
	f.Fuzz(func(t *testing.T, context string, payload []byte, which, bit uint) {
		k := key(t, "k")
		signature := sign.Sign(k, context, payload)
		if err := sign.Verify(k.Public(), context, payload, signature); err != nil {
			t.Fatalf("a good signature: %v", err)
		}
		switch which % 4 {
		case 0:
			payload = flip(payload, bit)
		case 1:
			context = string(flip([]byte(context), bit))
		case 2:
			signature = string(flip([]byte(signature), bit)) // its spelling
		default:
			raw, err := base64.StdEncoding.DecodeString(signature)
			if err != nil {
				t.Fatal(err)
			}
			signature = base64.StdEncoding.EncodeToString(flip(raw, bit)) // its value
		}
		if err := sign.Verify(k.Public(), context, payload, signature); !errors.Is(err, sign.ErrBadSignature) {
			t.Fatalf("part %d with bit %d changed: %v", which%4, bit, err)
		}
	})
}

// flip returns b with one bit changed, one byte longer when it has none.
func flip(b []byte, bit uint) []byte {
	if len(b) == 0 {
		return []byte{byte(bit)}
	}
	b = bytes.Clone(b)
	bit %= uint(len(b)) * 8
	b[bit/8] ^= 1 << (bit % 8)
	return b
}
