package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/intel/feed/store"
	"github.com/seed-959697dd/soc/internal/term"
)

// intelImportConfigured imports every feed that the configuration names. One that fails does not keep the others.
func (a *app) intelImportConfigured(ctx context.Context, o intelImportOptions) error {
	s, err := a.settings("")
	if err != nil {
		return err
	}
	var failed error
	n := 0
	for _, name := range slices.Sorted(maps.Keys(s.Intel)) {
		f := s.Intel[name]
		if !imported(&f) {
			continue
		}
		n++
		one := o
		one.name, one.kind, one.confidence, one.tlp, one.wild, one.warning = name, f.Type, f.Confidence, f.TLP, f.Subdomains, f.WarningList
		one.columns, one.headers = f.Columns, f.Headers
		if f.Verdict != "" {
			one.verdict = f.Verdict
		}
		if f.Expires.Duration > 0 {
			one.expires = f.Expires.String()
		}
		if f.Timeout.Duration > 0 {
			one.timeout = f.Timeout.Duration
		}
		from := f.Path
		if from == "" {
			from = f.URL
		}
		if err := a.intelImport(ctx, one, []string{from}); err != nil {
			fmt.Fprintf(a.IO.Err, "soc: feed %s: %s\n", term.Clean(name), term.Clean(err.Error()))
			failed = fmt.Errorf("feed %s: %w", name, err)
		}
	}
	if n == 0 {
		return usage(errors.New("soc.yaml names no feed with a path or a url under intel"), importHint)
	}
	return failed
}

// imported tells a feed that is kept in a file from a service that is asked.
func imported(f *config.Feed) bool {
	return !f.Disabled && f.Type != "abuseipdb" && (f.Path != "" || f.URL != "")
}

// failedMark is the file that remembers why a feed could not be imported.
func failedMark(dir, name string) string { return filepath.Join(dir, name+".failed") }

// markFeed notes that an import failed, or takes the note away.
func (a *app) markFeed(dir, name string, failed error) error {
	if name == "" || strings.ContainsAny(name, `/\`) {
		return nil
	}
	if failed == nil {
		if err := os.Remove(failedMark(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if _, err := os.Stat(dir); err != nil {
		return nil //nolint:nilerr // nothing was ever imported here: there is no copy that could be taken for fresh
	}
	return os.WriteFile(failedMark(dir, name), []byte(a.Now().UTC().Format(time.RFC3339)+" "+failed.Error()+"\n"), 0o600)
}

// stale notes, as gaps, the feeds that are older than they should be: those whose last import failed, and those that are configured and
// never came.
func (k *knowledge) stale(dir string, set *feed.Set) {
	have := map[string]store.Meta{}
	for _, m := range set.Feeds() {
		have[m.Name] = m
		if text, err := os.ReadFile(failedMark(dir, m.Name)); err == nil {
			when, why, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
			k.gap("intel", alert.Partial, "feed %s: the import of %s failed (%s), the copy of %s is used", m.Name, when, why, m.Imported.UTC().Format(time.RFC3339))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.s.Intel)) {
		f := k.s.Intel[name]
		m, ok := have[name]
		switch age := k.now.Sub(m.Imported); {
		case !imported(&f):
		case !ok:
			k.gap("intel", alert.Failed, "feed %s is configured and was never imported: soc intel import --configured", name)
		case f.MaxAge.Duration > 0 && age > f.MaxAge.Duration:
			k.gap("intel", alert.Partial, "feed %s was imported %s ago, longer than max_age: soc intel import --configured", name, age.Round(time.Hour))
		}
	}
}
