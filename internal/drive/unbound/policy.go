package unbound

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/lock"
	"github.com/seed-959697dd/soc/respond"
)

// records are the lines of the policy zone for a name and all below it.
func (r *Resolver) records(action, name string) []string {
	what := "CNAME ." // there is no such name
	if action == "sinkhole-domain" {
		kind := "A"
		if r.sink.Is6() {
			kind = "AAAA"
		}
		what = kind + " " + r.sink.String()
	}
	return []string{name + " " + what, "*." + name + " " + what}
}

// probePolicy looks into the file and asks the resolver: what stands in a file is not yet what is answered.
func (r *Resolver) probePolicy(ctx context.Context, action, name string) (respond.State, error) {
	lines, err := r.read()
	if err != nil {
		return respond.State{}, err
	}
	for _, line := range lines {
		f := strings.Fields(line)
		if len(f) < 2 || !strings.EqualFold(f[0], name) || strings.HasPrefix(f[0], ";") {
			continue
		}
		records := r.records(action, name)
		if !slices.Contains(records, same(line)) {
			return respond.State{}, fmt.Errorf("%s has another record of %s, which is not touched: %s", r.set.ZoneFile, name, line)
		}
		if !slices.ContainsFunc(lines, func(line string) bool { return same(line) == records[1] }) {
			return respond.State{Image: absent, Detail: "in zone " + r.set.Zone + ", and not what is below it"}, nil
		}
		answered, err := r.ask(ctx, action, name)
		if err != nil {
			return respond.State{}, err
		}
		return respond.State{Done: answered, Image: absent, Detail: "in zone " + r.set.Zone + ", " + map[bool]string{true: "and answered so", false: "and not answered so"}[answered]}, nil
	}
	return respond.State{Image: absent, Detail: "not in zone " + r.set.Zone}, nil
}

// same is a record in its one spelling.
func same(line string) string { return strings.Join(strings.Fields(line), " ") }

// ask tells whether the resolver answers as the policy has it.
func (r *Resolver) ask(ctx context.Context, action, name string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	own := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, r.set.Server)
	}}
	found, err := own.LookupNetIP(ctx, "ip", name+".")
	var e *net.DNSError
	switch {
	case errors.As(err, &e) && e.IsNotFound:
		return action == "block-domain", nil
	case err != nil:
		return false, fmt.Errorf("asking the resolver for %s: %w", name, err)
	}
	return action == "sinkhole-domain" && slices.ContainsFunc(found, func(a netip.Addr) bool { return a.Unmap() == r.sink }), nil
}

// maxZone bounds the file, in bytes.
const maxZone = 64 << 20

// head begins a zone file that is not there yet. Nobody else may ask for the zone, so the names in it mean nothing.
func (r *Resolver) head() []string {
	return []string{"$ORIGIN " + r.set.Zone + ".", "$TTL 60", "@ SOA localhost. hostmaster.localhost. 1 3600 600 86400 60", "@ NS localhost."}
}

func (r *Resolver) read() ([]string, error) {
	st, err := os.Stat(r.set.ZoneFile)
	if errors.Is(err, fs.ErrNotExist) {
		return r.head(), nil
	}
	if err == nil && (!st.Mode().IsRegular() || st.Size() > maxZone) {
		err = fmt.Errorf("%s is no file of at most %d bytes", r.set.ZoneFile, maxZone)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the policy zone: %w", err)
	}
	b, err := os.ReadFile(r.set.ZoneFile)
	if err != nil {
		return nil, fmt.Errorf("reading the policy zone: %w", err)
	}
	text := strings.TrimRight(string(b), "\n")
	if text == "" {
		return r.head(), nil
	}
	return strings.Split(text, "\n"), nil
}

// policy adds and removes records, and has the resolver read the zone anew, also when nothing changed: an earlier run may have been killed
// in between.
func (r *Resolver) policy(ctx context.Context, add, remove []string) (err error) {
	unlock, err := lock.Take(ctx, r.set.ZoneFile+".lock")
	if err != nil {
		return fmt.Errorf("the policy zone: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	lines, err := r.read()
	if err != nil {
		return err
	}
	before := len(lines)
	lines = slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(remove, same(line)) })
	for _, record := range add {
		if !slices.ContainsFunc(lines, func(line string) bool { return same(line) == record }) {
			lines = append(lines, record)
		}
	}
	if len(lines) != before {
		if err := r.write(lines); err != nil {
			return fmt.Errorf("writing the policy zone: %w", err)
		}
	}
	_, err = r.control(ctx, "auth_zone_reload", r.set.Zone)
	return err
}

var serial = regexp.MustCompile(`^(\s*\S+\s+(?:\S+\s+)*?SOA\s+\S+\s+\S+\s+)([0-9]{1,10})(\s.*)$`)

// write puts the file beside and renames it, with the serial of a one-line SOA one higher, for whoever transfers the zone.
func (r *Resolver) write(lines []string) error {
	for i, line := range lines {
		if m := serial.FindStringSubmatch(line); m != nil {
			n, _ := strconv.ParseUint(m[2], 10, 32) // ten digits at most; too large ones begin again
			lines[i] = m[1] + strconv.FormatUint(uint64(uint32(n)+1), 10) + m[3]
			break
		}
	}
	path, mode := r.set.ZoneFile, fs.FileMode(0o644) // unbound reads it as another user
	if st, err := os.Stat(path); err == nil {
		mode = st.Mode().Perm()
	}
	if behind, err := filepath.EvalSymlinks(path); err == nil { // a link stays one
		path = behind
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".soc-zone-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone once renamed
	_, err = tmp.WriteString(strings.Join(lines, "\n") + "\n")
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}
