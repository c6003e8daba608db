package cmd

import (
	"fmt"
	"strconv"
	"strings"
)

// text is the file: what was answered in force, everything else as a comment that becomes so when its number sign is taken away. A comment
// for people has a blank behind its number sign.
func (s *starter) text() []byte {
	var b strings.Builder
	b.WriteString("# soc.yaml: what soc knows of this estate. Nothing here is needed, and nothing here is a secret: those are named by an\n" +
		"# environment variable (..._env), a file (..._file) or the keyring of this machine (..._keyring: SERVICE/USER).\n" +
		"# What works: soc doctor. What a key means: docs/guide/README.md\n")
	b.WriteString("\n# Systems that alerts are taken from: soc triage --from NAME, and --follow to stay. write_back: true lets soc tell them what became of\n" +
		"# their alerts. docs/guide/sources.md\n")
	if len(s.sources) == 0 {
		b.WriteString("#sources:\n")
	} else {
		b.WriteString("sources:\n")
	}
	used := map[string]bool{}
	for i := range s.sources {
		used[s.sources[i].kind.name] = true
		s.sources[i].write(&b, "")
	}
	for _, kind := range sourceKinds() {
		if used[kind.name] {
			continue
		}
		one := starterSource{name: "my-" + kind.name, kind: kind, said: map[string]string{}}
		for _, k := range kind.keys {
			one.said[k.key] = k.example
		}
		one.write(&b, "#")
	}
	b.WriteString("\n# Machines with their criticality, the domains that are yours, accounts. docs/guide/estate.md\n")
	s.estate(&b)
	b.WriteString("\n# What is usual here, learned from logs: soc learn --events LOGS --out usual.socb. docs/guide/baseline.md\n#baseline: {file: usual.socb}\n")
	b.WriteString("\n# Feeds that lie on this disk: soc intel import --configured. docs/guide/intel.md\n" +
		"#intel:\n#  urlhaus: {url: \"https://urlhaus.abuse.ch/downloads/csv_recent/\", max_age: 2d}\n")
	b.WriteString("\n# A language model is one witness among others, and asked only when it is named. docs/guide/model.md\n")
	s.models(&b)
	b.WriteString("\n# What is decided by. shadow closes nothing and marks what it would close. docs/guide/policy.md\n#policy: {autonomy: shadow}\n")
	return []byte(b.String())
}

func (one *starterSource) write(b *strings.Builder, off string) {
	fmt.Fprintf(b, "%s  %s: # %s\n%s    type: %s\n", off, yamlKey(one.name), one.kind.what, off, one.kind.name)
	for _, k := range one.kind.keys {
		fmt.Fprintf(b, "%s    %s: %s\n", off, k.key, strconv.Quote(one.said[k.key]))
	}
	fmt.Fprintf(b, "%s    #write_back: true\n", strings.TrimSuffix(off, "#"))
}

func (s *starter) estate(b *strings.Builder) {
	switch {
	case s.assets == "" && len(s.domains) == 0:
		b.WriteString("#assets: {files: [assets.csv], domains: [corp.example.com]}\n")
	default:
		b.WriteString("assets:\n")
		if s.assets != "" {
			fmt.Fprintf(b, "  files: [%s]\n", strconv.Quote(s.assets))
		}
		if len(s.domains) > 0 {
			fmt.Fprintf(b, "  domains: [%s]\n", strings.Join(quoted(s.domains), ", "))
		}
	}
	if s.identities == "" {
		b.WriteString("#identities: {files: [users.csv]}\n")
		return
	}
	fmt.Fprintf(b, "identities: {files: [%s]}\n", strconv.Quote(s.identities))
}

func (s *starter) models(b *strings.Builder) {
	off := "#"
	if s.witness {
		off = ""
	}
	url, model := s.ollama, s.model
	if url == "" {
		url, model = "http://127.0.0.1:11434", "NAME"
	} else {
		fmt.Fprintf(b, "# Ollama answers at %s.\n", url)
	}
	fmt.Fprintf(b, "%smodels:\n%s  local: {provider: ollama, url: %s, model: %s}\n%striage: {model: local}\n", off, off, strconv.Quote(url), strconv.Quote(model), off)
}

func quoted(list []string) (all []string) {
	for _, s := range list {
		all = append(all, strconv.Quote(s))
	}
	return all
}
