package check

import (
	"regexp"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Values that a command line writes to the registry mean what they mean when the registry reports them.
// Source: Microsoft's reference of reg add and of Set-ItemProperty.

// registryWriters cut key, name and data out of a command line.
type registryWriters struct {
	key, name, data *regexp.Regexp
}

func newRegistryWriters() *registryWriters {
	const text = `\s*["']?(?:"([^"]*)"|([^\s"']+))`
	return &registryWriters{
		regexp.MustCompile(`(?i)(?:\breg(?:\.exe)?"?\s+add|-path)` + text),
		regexp.MustCompile(`(?i)(?:\s/v|-name)` + text),
		regexp.MustCompile(`(?i)(?:\s/d|-value)` + text),
	}
}

// read writes a command as registry products write the same: key\name = data. The piece is the command's own text.
func (w *registryWriters) read(line string) (text, piece string) {
	at := w.key.FindStringSubmatchIndex(line)
	if at == nil {
		return "", ""
	}
	name, data := group(line, w.name.FindStringSubmatchIndex(line)), group(line, w.data.FindStringSubmatchIndex(line))
	if name == "" {
		return "", ""
	}
	if rest, hex := strings.CutPrefix(data, "0x"); hex {
		data = rest
	}
	return strings.ReplaceAll(group(line, at), ":", "") + `\` + name + " = " + data, line[at[0]:at[1]]
}

// group is the first group of a match that took part.
func group(s string, at []int) string {
	for i := 2; i+1 < len(at); i += 2 {
		if at[i] >= 0 {
			return s[at[i]:at[i+1]]
		}
	}
	return ""
}

// writesRegistry tells, in no time, nearly all command lines that do not.
func writesRegistry(line string) bool {
	return len(line) > 20 && len(line) <= shortText && (strings.Contains(line, "/v ") || strings.Contains(line, "/V ") || strings.Contains(line, "ItemProperty"))
}

// commanded judges what a command line writes to the registry.
func (c *persistence) commanded(f *alert.Field, note func(triage.Signal)) {
	text, piece := c.written().read(f.Value)
	if text == "" {
		return
	}
	c.keys.match(text, func(h found) { c.note(note, h.weight, h.says+", by a command", piece, f) })
}
