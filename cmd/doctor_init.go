package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/term"
)

// starter is what a first soc.yaml says.
type starter struct {
	sources            []starterSource
	assets, identities string
	domains            []string
	ollama, model      string // the address of one that answers, and what it has; empty: none does
	witness            bool   // it is to be asked
}

type starterSource struct {
	name string
	kind sourceKind
	said map[string]string // by key
}

// sourceKind is a type of source with the keys that it needs.
type sourceKind struct {
	name, what string
	keys       []sourceKey
}

// sourceKey is one key with an example of its value. One that ends in _env is not asked for.
type sourceKey struct{ key, example string }

// sourceKinds are the types that a first configuration offers.
func sourceKinds() []sourceKind {
	secret := func(key, env string) sourceKey { return sourceKey{key, env} }
	return []sourceKind{
		{"splunk", "Splunk Enterprise Security", []sourceKey{{"url", "https://splunk.corp.example:8089"}, secret("token_env", "SPLUNK_TOKEN")}},
		{"sentinel", "Microsoft Sentinel", []sourceKey{
			{"tenant", "00000000-0000-0000-0000-000000000000"},
			{"client_id", "00000000-0000-0000-0000-000000000000"},
			secret("client_secret_env", "SENTINEL_SECRET"),
			{"subscription", "00000000-0000-0000-0000-000000000000"},
			{"resource_group", "soc"},
			{"workspace", "soc"},
		}},
		{"defender", "Microsoft Defender XDR", []sourceKey{
			{"tenant", "00000000-0000-0000-0000-000000000000"}, {"client_id", "00000000-0000-0000-0000-000000000000"}, secret("client_secret_env", "DEFENDER_SECRET"),
		}},
		{"elastic", "Elastic Security", []sourceKey{{"url", "https://kibana.corp.example:5601"}, secret("token_env", "ELASTIC_API_KEY")}},
		{"xsoar", "Cortex XSOAR", []sourceKey{{"url", "https://xsoar.corp.example"}, secret("token_env", "XSOAR_KEY")}},
		{"splunksoar", "Splunk SOAR", []sourceKey{{"url", "https://soar.corp.example"}, secret("token_env", "SPLUNK_SOAR_TOKEN")}},
		{"dir", "a directory that fills", []sourceKey{{"path", "spool"}}},
		{"webhook", "programs that post alerts", []sourceKey{{"listen", "127.0.0.1:8090"}, secret("signing_key_env", "SOC_HOOK_KEY")}},
	}
}

// initialise writes a first soc.yaml from a person's answers; without a terminal it prints one to start from.
func (a *app) initialise(ctx context.Context) error {
	s := starter{}
	s.ollama, s.model = a.foundOllama(ctx)
	if !a.IO.InTTY || !a.IO.ErrTTY {
		_, err := a.IO.Out.Write(s.text())
		return err
	}
	path := orElse(a.config, a.Env("SOC_CONFIG"))
	if path == "" {
		path = config.Home(a.Env)
	}
	if path == "" {
		return usage(errors.New("--init: neither a home nor a configuration directory is known"), "soc --config soc.yaml doctor --init")
	}
	if _, err := os.Lstat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return usage(fmt.Errorf("--init: %s is there already, and is not written over", path), "soc doctor")
	}
	q := questions{app: a, in: bufio.NewScanner(a.IO.In)}
	q.ask(&s)
	if q.err != nil {
		return fmt.Errorf("--init: nothing was written: %w", q.err)
	}
	if err := writeNew(path, s.text()); err != nil {
		return err
	}
	fmt.Fprintf(a.IO.Err, "written to %s\n", path)
	for i := range s.sources {
		for _, k := range s.sources[i].kind.keys {
			if strings.HasSuffix(k.key, "_env") {
				fmt.Fprintf(a.IO.Err, "secret of %s: export %s=...\n", s.sources[i].name, k.example)
			}
		}
	}
	fmt.Fprintln(a.IO.Err, "try: "+a.pasteable("soc doctor", nil))
	return nil
}

// foundOllama is the Ollama that answers, with the first model that it has.
func (a *app) foundOllama(ctx context.Context) (address, model string) {
	address, err := ollamaAddress(a.Env("OLLAMA_HOST"))
	if err != nil {
		return "", ""
	}
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	_, models, err := askOllama(ctx, address)
	if err != nil || len(models) == 0 {
		return "", ""
	}
	return address, models[0]
}

// writeNew writes a file that must not exist, and takes it away again when soc could not read it.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("--init: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usage(fmt.Errorf("--init: %w", err), "ls -l "+shellWord(path))
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		_, err = config.Load(path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("--init: %w", err), os.Remove(path))
	}
	return nil
}

// questions are put to a person at a terminal. After the first error nothing more is asked.
type questions struct {
	app *app
	in  *bufio.Scanner
	err error
}

var errEnded = errors.New("the answers ended")

// put asks one question; an empty answer is the usual one.
func (q *questions) put(question, usual string) string {
	if q.err != nil {
		return ""
	}
	if usual != "" {
		question += " [" + usual + "]"
	}
	fmt.Fprint(q.app.IO.Err, question+": ")
	if !q.in.Scan() {
		if q.err = q.in.Err(); q.err == nil {
			q.err = errEnded
		}
		return ""
	}
	return orElse(strings.TrimSpace(q.in.Text()), usual)
}

func (q *questions) ask(s *starter) {
	kinds := sourceKinds()
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	fmt.Fprintln(q.app.IO.Err, "An empty answer leaves a thing out, or takes what stands in brackets. Secrets are not asked for.")
	for q.err == nil {
		name := q.put("a system that holds alerts ("+strings.Join(names, ", ")+")", "")
		if name == "" {
			break
		}
		at := slices.Index(names, name)
		if at < 0 {
			fmt.Fprintf(q.app.IO.Err, "%s is none of these\n", term.Clean(name))
			continue
		}
		s.sources = append(s.sources, q.source(s, kinds[at]))
	}
	s.assets = q.whole(q.put("a list of your machines (CSV or JSON)", ""))
	s.identities = q.whole(q.put("a list of your accounts (CSV or JSON)", ""))
	s.domains = strings.Fields(strings.ReplaceAll(q.put("the domains of your own, apart by blanks", ""), ",", " "))
	if s.ollama != "" {
		s.witness = strings.HasPrefix(strings.ToLower(q.put("Ollama answers at "+s.ollama+" with "+term.Clean(s.model)+". Ask it about alerts (y, n)", "n")), "y")
	}
}

// whole makes a path from here one from everywhere: in soc.yaml a path begins at the file.
func (q *questions) whole(path string) string {
	if path == "" || q.err != nil {
		return path
	}
	all, err := filepath.Abs(path)
	if err != nil {
		q.err = err
	}
	return all
}

func (q *questions) source(s *starter, kind sourceKind) starterSource {
	one := starterSource{kind: kind, said: map[string]string{}}
	usual := kind.name
	for n := 2; slices.ContainsFunc(s.sources, func(o starterSource) bool { return o.name == usual }); n++ {
		usual = kind.name + strconv.Itoa(n)
	}
	one.name = q.put("  a name for it", usual)
	for _, k := range kind.keys {
		if strings.HasSuffix(k.key, "_env") {
			one.said[k.key] = k.example
			continue
		}
		said := q.put("  "+k.key, k.example)
		if k.key == "path" {
			said = q.whole(said)
		}
		one.said[k.key] = said
	}
	return one
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func yamlKey(name string) string {
	if plainKey.MatchString(name) {
		return name
	}
	return strconv.Quote(name)
}
