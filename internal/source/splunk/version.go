package splunk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// version is one of Enterprise Security.
type version struct{ major, minor int }

func (v version) String() string {
	if v.minor == 0 {
		return strconv.Itoa(v.major)
	}
	return fmt.Sprintf("%d.%d", v.major, v.minor)
}

// least tells whether it is that version or a later one.
func (v version) least(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}

func versionOf(text string) (v version, err error) {
	major, rest, _ := strings.Cut(text, ".")
	minor, _, _ := strings.Cut(rest, ".")
	if v.major, err = strconv.Atoi(major); err == nil && minor != "" {
		v.minor, err = strconv.Atoi(minor)
	}
	if err != nil || v.major < 1 || v.minor < 0 {
		return version{}, fmt.Errorf("version: %q is none of Enterprise Security, such as 7.3 or 8.4", text)
	}
	return v, nil
}

// ErrNoSuite says why there are no notables.
var ErrNoSuite = errors.New("enterprise security is not installed there")

// suite is the version of Enterprise Security. What the settings say is believed, except for the minor version where they leave it out.
func (c *Client) suite(ctx context.Context) (version, error) {
	c.mu.Lock()
	known := c.version
	c.mu.Unlock()
	if known.major > 0 {
		return known, nil
	}
	v, err := c.installed(ctx)
	if err != nil {
		return version{}, err
	}
	c.mu.Lock()
	c.version = v
	c.mu.Unlock()
	return v, nil
}

// installed asks for the version.
func (c *Client) installed(ctx context.Context) (version, error) {
	doc, err := c.get(ctx, nil, place("services/apps/local/SplunkEnterpriseSecuritySuite")...)
	if status(err) == http.StatusNotFound {
		return version{}, ErrNoSuite
	}
	if err != nil {
		return version{}, fmt.Errorf("asking for the version of enterprise security: %w", err)
	}
	return versionOf(doc.Get("entry.0.content.version").String())
}

// kind is what is pulled. A query is a search: it leaves no choice.
func (c *Client) kind(ctx context.Context, query string) (Kind, error) {
	switch {
	case query != "" && c.set.Kind != "" && c.set.Kind != Notables:
		return "", fmt.Errorf("splunk: %s are listed, not searched: a query needs the kind %s", c.set.Kind, Notables)
	case query != "":
		return Notables, nil
	case c.set.Kind != "":
		return c.set.Kind, nil
	}
	v, err := c.suite(ctx)
	if err != nil {
		return "", err
	}
	if v.least(8, 0) {
		return Findings, nil
	}
	return Notables, nil
}
