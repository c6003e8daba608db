package baseline

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Countries knows the country of an address, from a database in MaxMind's format (GeoLite2, GeoIP2, DB-IP). It is safe for
// concurrent use until it is closed.
type Countries struct{ db *maxminddb.Reader }

// OpenCountries opens a database.
func OpenCountries(path string) (*Countries, error) {
	db, err := maxminddb.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the database of countries %s: %w", path, err)
	}
	return &Countries{db}, nil
}

// Of returns the country of an address as lower-case ISO 3166 code, empty when the database does not know. Where an address is
// counts before where it is registered.
func (c *Countries) Of(a netip.Addr) string {
	if c == nil {
		return ""
	}
	found := c.db.Lookup(a.Unmap())
	for _, name := range [...]string{"country", "registered_country"} {
		var code string
		if err := found.DecodePath(&code, name, "iso_code"); err == nil && code != "" {
			return strings.ToLower(code)
		}
	}
	return ""
}

// Close closes the database; nobody may ask it any more.
func (c *Countries) Close() error {
	if c == nil {
		return nil
	}
	return c.db.Close()
}
