package estate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
)

// loader collects what the settings name.
type loader struct {
	Settings
	hosts        *book[Asset]
	users        *book[Account]
	hostPatterns []Asset
	userPatterns []Account
	windows      []window
	partial      []string
	sums         []string
	names        map[string]int // how often a base name stands among the files
}

// Load reads everything. The estate is never nil: it holds what could be read. err is nil or Errors: one for each file and each entry
// written by hand that could not be. A caller shows each as a gap.
func Load(s Settings) (*Estate, error) {
	l := &loader{Settings: s, hosts: newHosts(), users: newUsers(), names: map[string]int{}}
	for _, f := range s.Assets {
		l.names[filepath.Base(f.Path)]++
	}
	for _, f := range s.Identities {
		l.names[filepath.Base(f.Path)]++
	}
	errs := l.byHand()
	for _, f := range s.Assets {
		errs = append(errs, l.hostFile(f))
	}
	for _, f := range s.Identities {
		errs = append(errs, l.userFile(f))
	}
	e := &Estate{domains: cleanDomains(s.Domains), windows: l.windows, partial: l.partial}
	e.shelve(l.hosts.settle(), l.hostPatterns)
	e.enrol(l.users.settle(), l.userPatterns)
	digest, err := l.digest()
	e.digest = digest
	return e, joined(append(errs, err))
}

// shown is a file's name in receipts and errors: without its folder, where that is enough.
func (l *loader) shown(path string) string {
	if base := filepath.Base(path); l.names[base] == 1 {
		return base
	}
	return path
}

// hostFile reads an inventory. Nothing of a file with a mistake is used.
func (l *loader) hostFile(f HostFile) error {
	var list []Asset
	err := l.file(f.Path, hostLayout(f.Columns), func(r *reader, row *row) (bool, error) {
		a, named, err := r.host(row, f.Values)
		if err == nil && named {
			list = append(list, a)
		}
		return named, err
	})
	if err != nil {
		return err
	}
	for i := range list {
		l.hosts.add(list[i])
	}
	return nil
}

func (l *loader) userFile(f UserFile) error {
	var list []Account
	err := l.file(f.Path, userLayout(f.Columns), func(r *reader, row *row) (bool, error) {
		u, named, err := r.user(row, f.Values)
		if err == nil && named {
			list = append(list, u)
		}
		return named, err
	})
	if err != nil {
		return err
	}
	for i := range list {
		l.users.add(list[i])
	}
	return nil
}

func (l *loader) file(path string, columns *layout, yield func(*reader, *row) (bool, error)) error {
	name := l.shown(path)
	s, sum, err := open(path, name)
	l.sums = append(l.sums, hex.EncodeToString(sum[:]))
	if err != nil {
		return err
	}
	r := newReader(s, columns)
	if err := r.read(func(row *row) (bool, error) { return yield(r, row) }); err != nil {
		return err
	}
	if r.nameless > 0 {
		l.partial = append(l.partial, fmt.Sprintf("%s: entries without a name or address: %d, the first at line %d", name, r.nameless, r.firstNameless))
	}
	return nil
}

// digest is of the settings and of the files' bytes, not of where the files lie.
func (l *loader) digest() (string, error) {
	s := l.Settings
	s.Assets, s.Identities = append([]HostFile(nil), s.Assets...), append([]UserFile(nil), s.Identities...)
	for i := range s.Assets {
		s.Assets[i].Path = filepath.Base(s.Assets[i].Path)
	}
	for i := range s.Identities {
		s.Identities[i].Path = filepath.Base(s.Identities[i].Path)
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("estate digest: %w", err)
	}
	sum := sha256.Sum256([]byte(string(text) + strings.Join(l.sums, "\n")))
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// byHand takes in the entries of the configuration. They come first: their role, owner and environment count before a file's.
func (l *loader) byHand() (errs []error) {
	for _, h := range l.Hosts {
		errs = append(errs, l.host(h))
	}
	for _, n := range l.Networks {
		errs = append(errs, l.network(n))
	}
	for _, u := range l.Users {
		errs = append(errs, l.user(u))
	}
	for _, m := range l.Maintenance {
		w, err := newWindow(m, l.File)
		if err == nil {
			l.windows = append(l.windows, w)
		}
		errs = append(errs, err)
	}
	sortWindows(l.windows)
	return errs
}

func (l *loader) host(h Host) error {
	a := Asset{
		Name: h.Name, Aliases: h.Aliases, CloudIDs: h.CloudIDs, Role: tidy(h.Role), Environment: tidy(h.Environment), Owner: h.Owner,
		Tags: tidyAll(h.Tags), Protected: h.Protected, Place: l.at(h.Line),
	}
	for _, s := range h.Addresses {
		p, ok, err := place(s)
		if err != nil {
			return &Error{File: l.File, Line: h.Line, Msg: "host " + brief(h.Name) + ": " + err.Error()}
		}
		if ok {
			a.put(p)
		}
	}
	var err error
	if a.Criticality, err = criticality(h.Criticality, nil); err != nil {
		return &Error{File: l.File, Line: h.Line, Msg: "host " + brief(h.Name) + ": criticality " + err.Error()}
	}
	if isPattern(h.Name) {
		l.hostPatterns = append(l.hostPatterns, a)
		return nil
	}
	l.hosts.add(a)
	return nil
}

func (l *loader) network(n Network) error {
	p, err := network(n.CIDR)
	if err != nil {
		return &Error{File: l.File, Line: n.Line, Msg: "network: " + err.Error()}
	}
	a := Asset{
		Name: either(n.Name, p.String()), Networks: []netip.Prefix{p}, Role: tidy(n.Role), Environment: tidy(n.Environment), Owner: n.Owner,
		Tags: tidyAll(n.Tags), Protected: n.Protected, Place: l.at(n.Line),
	}
	if a.Criticality, err = criticality(n.Criticality, nil); err != nil {
		return &Error{File: l.File, Line: n.Line, Msg: "network " + brief(n.CIDR) + ": criticality " + err.Error()}
	}
	l.hosts.add(a)
	return nil
}

func (l *loader) user(h User) error {
	u := Account{
		Name: h.Name, Aliases: h.Aliases, Department: h.Department, Owner: h.Owner, Tags: tidyAll(h.Tags), Service: h.Service,
		Privileged: h.Privileged, BreakGlass: h.BreakGlass, VIP: h.VIP, Place: l.at(h.Line),
	}
	var err error
	if u.Criticality, err = criticality(h.Criticality, nil); err != nil {
		return &Error{File: l.File, Line: h.Line, Msg: "user " + brief(h.Name) + ": criticality " + err.Error()}
	}
	if isPattern(h.Name) {
		l.userPatterns = append(l.userPatterns, u)
		return nil
	}
	l.users.add(u)
	return nil
}

// at is where an entry written by hand stands.
func (l *loader) at(line int) string {
	if line == 0 {
		return either(l.File, "configuration")
	}
	return either(l.File, "configuration") + ":" + strconv.Itoa(line)
}
