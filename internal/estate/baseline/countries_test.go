package baseline_test

import (
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/estate/baseline"
)

// Control bytes of MaxMind's format: the type in the upper three bits, the size below.
func text(s string) []byte       { return append([]byte{2<<5 | byte(len(s))}, s...) }
func number(kind, v byte) []byte { return []byte{kind<<5 | 1, v} }
func object(pairs ...[]byte) (b []byte) {
	b = []byte{7<<5 | byte(len(pairs)/2)}
	for _, p := range pairs {
		b = append(b, p...)
	}
	return b
}

// database writes a MaxMind database of IPv4 networks and their countries.
// Source: MaxMind DB File Format Specification 2.0.
func database(t *testing.T, countries map[string]string) string {
	t.Helper()
	const none = 0
	tree := [][2]uint32{{}} // of nodes; data are numbers from 1<<20 on
	var data []byte
	for network, code := range countries {
		p := netip.MustParsePrefix(network)
		ip := binary.BigEndian.Uint32(p.Addr().AsSlice())
		node := uint32(0)
		for bit := range p.Bits() {
			side := &tree[node][ip>>(31-bit)&1]
			switch {
			case bit == p.Bits()-1:
				*side = 1<<20 + uint32(len(data))
			case *side == none:
				*side = uint32(len(tree))
				node = *side
				tree = append(tree, [2]uint32{})
			default:
				node = *side
			}
		}
		name := "country"
		if strings.HasPrefix(code, "registered ") {
			name, code = "registered_country", strings.TrimPrefix(code, "registered ")
		}
		data = append(data, object(text(name), object(text("iso_code"), text(code)))...)
	}
	n := uint32(len(tree))
	var file []byte
	for _, node := range tree {
		for _, to := range node {
			switch {
			case to == none:
				to = n
			case to >= 1<<20:
				to = n + 16 + to - 1<<20
			}
			file = append(file, byte(to>>16), byte(to>>8), byte(to))
		}
	}
	file = append(append(append(file, make([]byte, 16)...), data...), "\xab\xcd\xefMaxMind.com"...)
	file = append(file, object(
		text("binary_format_major_version"), number(5, 2), text("binary_format_minor_version"), number(5, 0), text("build_epoch"), []byte{0x01, 2, 1},
		text("database_type"), text("Test-Country"), text("description"), object(text("en"), text("a test")), text("ip_version"), number(5, 4),
		text("languages"), []byte{0x01, 4, 2<<5 | 2, 'e', 'n'}, text("node_count"), number(6, byte(n)), text("record_size"), number(5, 24),
	)...)
	path := filepath.Join(t.TempDir(), "countries.mmdb")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCountriesOfAddresses(t *testing.T) {
	t.Parallel()
	c, err := baseline.OpenCountries(database(t, map[string]string{"192.0.2.0/24": "DE", "198.51.100.0/24": "registered FR", "203.0.113.0/24": "KP"}))
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]string{"192.0.2.7": "de", "::ffff:192.0.2.7": "de", "198.51.100.9": "fr", "10.1.2.3": "", "2001:db8::1": ""} {
		if got := c.Of(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %q, want %q", ip, got, want)
		}
	}
	var records []string
	for day := range 20 {
		for hour := range 2 {
			records = append(records, cloudCall(on(day, 8+hour), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1"))
		}
	}
	b := learn(t, baseline.Options{Countries: c}, nil, records...)
	strange := cloudCall(on(20, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1")
	if got, want := said(t, b.With(c), strange), "+1200 alice never came from country KP in 20 days (0 of 40)"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if got, want := said(t, b, strange), "+700 alice never came from network 203.0.113.0/24 in 20 days (0 of 40)"; got != want {
		t.Errorf("without the database said %q, want %q", got, want)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoDatabaseOfCountries(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "x.mmdb")
	if _, err := baseline.OpenCountries(name); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(name, []byte("ip,country\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := baseline.OpenCountries(name); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("%v", err)
	}
	var none *baseline.Countries
	if got := none.Of(netip.MustParseAddr("192.0.2.7")); got != "" || none.Close() != nil {
		t.Errorf("no database says %q", got)
	}
}
