package config

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// scalar fills one value and checks it against its tags.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, tag reflect.StructTag, path string) error {
	if n.Kind != yaml.ScalarNode {
		return d.fault(n.Line, "%s: wants one value, not %s", path, kindOf(n))
	}
	var err error
	switch {
	case holdsSecret(n.Value):
		return d.secret(n.Line, path)
	case v.Type() == reflect.TypeFor[Duration]():
		err = setDuration(n, v, tag)
	case v.Kind() == reflect.String:
		err = d.setText(n, v, tag)
	case v.Kind() == reflect.Bool:
		if n.ShortTag() != "!!bool" {
			err = fmt.Errorf("wants true or false, not %q", n.Value)
		} else {
			err = n.Decode(v.Addr().Interface())
		}
	default:
		err = setNumber(n, v, tag)
	}
	if err != nil {
		return d.fault(n.Line, "%s: %s", path, err.Error())
	}
	return nil
}

func (d *decoder) setText(n *yaml.Node, v reflect.Value, tag reflect.StructTag) error {
	s := n.Value
	switch tagged := n.ShortTag(); {
	case tagged == "!!binary" || strings.HasPrefix(tagged, "!") && !strings.HasPrefix(tagged, "!!"):
		return fmt.Errorf("wants plain text, not %s", tagged)
	case tag.Get("oneof") != "" && !slices.Contains(strings.Split(tag.Get("oneof"), "|"), s):
		return fmt.Errorf("wants one of %s, not %q", strings.ReplaceAll(tag.Get("oneof"), "|", ", "), s)
	}
	var err error
	switch {
	case is(tag, "path"):
		s = d.resolve(s)
	case is(tag, "url"):
		err = checkURL(s)
	case is(tag, "cidr"):
		_, err = netip.ParsePrefix(s)
	case is(tag, "date"):
		if _, bad := time.Parse(time.DateOnly, s); bad != nil {
			err = fmt.Errorf("%q is no date like 2026-12-31", s)
		}
	case is(tag, "time"):
		if _, bad := time.Parse(time.RFC3339, s); bad != nil {
			err = fmt.Errorf("%q is no time like 2026-12-31T22:00:00Z", s)
		}
	case is(tag, "zone"):
		if _, bad := time.LoadLocation(s); bad != nil {
			err = fmt.Errorf("%q is no time zone like Europe/Berlin", s)
		}
	}
	v.SetString(s)
	return err
}

// resolve makes a relative path one that starts at the file's own directory.
func (d *decoder) resolve(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.dir, path)
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "":
		return errors.New("wants a URL like https://siem.example.com:8089") // never the text: a password may stand in it
	case u.User != nil:
		return errors.New("a URL in this file carries no user and no password")
	}
	return nil
}

func setNumber(n *yaml.Node, v reflect.Value, tag reflect.StructTag) error {
	if v.Kind() == reflect.Float64 {
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("wants a number, not %q", n.Value)
		}
		lo, hi := bounds(tag)
		if low, high := number(lo), number(hi); lo != "" && (f < low || f > high) {
			return outside(n.Value, lo, hi)
		}
		v.SetFloat(f)
		return nil
	}
	i, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return fmt.Errorf("wants a whole number, not %q", n.Value)
	}
	lo, hi := bounds(tag)
	if lo != "" && (float64(i) < number(lo) || float64(i) > number(hi)) {
		return outside(n.Value, lo, hi)
	}
	v.SetInt(i)
	return nil
}

func setDuration(n *yaml.Node, v reflect.Value, tag reflect.StructTag) error {
	t, err := ParseDuration(n.Value)
	if err != nil {
		return err
	}
	lo, hi := bounds(tag)
	low, _ := ParseDuration(lo)
	high, _ := ParseDuration(hi)
	if lo != "" && (t < low || t > high) {
		return outside(n.Value, lo, hi)
	}
	v.Set(reflect.ValueOf(Duration{t}))
	return nil
}

// ParseDuration reads a Go duration, or days: 90d.
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		f, err := strconv.ParseFloat(days, 64)
		if err == nil && math.Abs(f) < 100_000 {
			return time.Duration(f * float64(24*time.Hour)), nil
		}
	} else if t, err := time.ParseDuration(s); err == nil {
		return t, nil
	}
	return 0, fmt.Errorf("wants a duration like 90s, 12h or 30d, not %q", s)
}

// bounds splits a range tag. Both ends are part of the range.
func bounds(tag reflect.StructTag) (lo, hi string) {
	lo, hi, _ = strings.Cut(tag.Get("range"), "..")
	return lo, hi
}

func number(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64) // a test reads every range tag of the schema
	return f
}

func outside(got, lo, hi string) error { return fmt.Errorf("%s is not within %s and %s", got, lo, hi) }
