package alert

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed formats/*.yaml
var embedded embed.FS

// Generic is the name of the format for records of no known product.
const Generic = "generic"

// Format says how one product's records are recognised and read. It is the decoded form of a file in formats/.
//
// A path is keys joined by dots. Keys match without regard to case and inner underscores, a key that itself holds dots
// matches the path's steps, arrays are walked, a string that holds JSON is entered. A step may be a filter on the
// objects of an array, `[Type=account|mailbox]`, on what stands deeper, `[System/EventID=4688]`, on any value, `[Type=*]`, or on an array by one of its elements, `columns[3=THREAT][31]`, an index
// `[3]`, or `*` for any key. A path that begins with a slash starts at the record, past any envelope (`_source`, `result`,
// ...). ` | name` behind a path cleans the value (see cleaners). A time may stand in several members: `date + time + tz` is
// read as one text, once all of them are there. The first path that finds something wins for a slot with one value; others collect.
type Format struct {
	Name    string            `yaml:"name"`
	Vendor  string            `yaml:"vendor"`
	Product string            `yaml:"product"`
	About   string            `yaml:"about"`  // the vendor's documentation this was written from
	Rank    int               `yaml:"rank"`   // lower is asked first; 50 unless given
	Detect  []string          `yaml:"detect"` // alternatives; each a conjunction, see condition
	Fields  map[string]paths  `yaml:"fields"`
	Sensor  []string          `yaml:"sensor"`  // slots that the product observed
	Context []string          `yaml:"context"` // slots that are the estate's own records
	Levels  Levels            `yaml:"severity"`
	Actions map[string]string `yaml:"actions"`
	Group   []string          `yaml:"group"`  // slots that tell two alerts of one rule apart
	Text    []string          `yaml:"text"`   // patterns for free text, see pattern
	Titles  string            `yaml:"titles"` // the list in titles/ that calls records by what happened; none unless named

	origin string
	body   []byte
}

// Levels maps a vendor's severity to 0..100. Words go first, then the linear scale from its first to its second end.
type Levels struct {
	Scale []float64      `yaml:"scale"`
	Words map[string]int `yaml:"words"`
}

// paths is one path or a list of them.
type paths []string

func (p *paths) UnmarshalYAML(n *yaml.Node) error {
	var one string
	if n.Decode(&one) == nil {
		*p = paths{one}
		return nil
	}
	var many []string
	if err := n.Decode(&many); err != nil {
		return fmt.Errorf("line %d: a path or a list of paths", n.Line)
	}
	*p = many
	return nil
}

// ReadFormat decodes a format file and checks the whole of it. The error says which key and line is wrong.
func ReadFormat(name string, r io.Reader) (*Format, error) {
	f, err := decodeFormat(name, r)
	if err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("format %s: %w", name, err)
	}
	return f, nil
}

// decodeFormat is ReadFormat without the check, which compiles the format only to see whether it can be.
func decodeFormat(name string, r io.Reader) (*Format, error) {
	var doc yaml.Node
	f := &Format{Rank: 50, origin: name}
	err := yaml.NewDecoder(r).Decode(&doc)
	if err == nil {
		err = knownKeys(&doc)
	}
	if err == nil {
		err = doc.Decode(f)
	}
	if err == nil {
		return f, nil
	}
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		err = errors.New(wrong.Errors[0])
	}
	return nil, fmt.Errorf("format %s: %w", name, err)
}

// formatKeys are the keys of a format file, severityKeys those below its key severity.
var (
	formatKeys   = []string{"name", "vendor", "product", "about", "rank", "detect", "fields", "sensor", "context", "severity", "actions", "group", "text", "titles"}
	severityKeys = []string{"scale", "words"}
)

// knownKeys refuses a key that nothing would read, and names the nearest that would be.
func knownKeys(doc *yaml.Node) error {
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return errors.New("wants keys and values at its top")
	}
	return keysOf(doc.Content[0], formatKeys)
}

func keysOf(m *yaml.Node, known []string) error {
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i], m.Content[i+1]
		if !slices.Contains(known, key.Value) {
			return fmt.Errorf("line %d: unknown key %q (nearest: %s)", key.Line, key.Value, nearestOf(key.Value, slices.Values(known)))
		}
		if key.Value == "severity" && value.Kind == yaml.MappingNode {
			if err := keysOf(value, severityKeys); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Format) check() error {
	if f.Name == "" {
		return errors.New("key name is missing")
	}
	if len(f.Detect) == 0 && f.Name != Generic {
		return errors.New("key detect is missing: nothing would ever be read as " + f.Name)
	}
	if len(f.Levels.Scale) != 0 && len(f.Levels.Scale) != 2 {
		return errors.New("key severity.scale: wants two ends, for example [0, 15]")
	}
	_, err := compile(f, "")
	return err
}

// header is what recognition needs of a format: its file is parsed as YAML only when a record of it arrives, because
// parsing all of them costs more than a whole run on one alert. A house test holds the two readings together.
type header struct {
	name   string
	rank   int
	detect []string
	body   []byte
	file   string
	found  bool // in a place that is not trusted
}

// scanHeader reads the lines `name:`, `rank:` and the list under `detect:` of a format file, which stand before its fields.
func scanHeader(file string, body []byte) header {
	h := header{rank: 50, body: body, file: file}
	inDetect := false
	for line := range bytes.Lines(body) {
		if len(line) > 0 && (line[0] == '#' || line[0] == ' ' && !inDetect) {
			continue
		}
		s := strings.TrimRight(asString(line), "\r\n ")
		key, val, _ := strings.Cut(s, ":")
		switch {
		case inDetect && strings.HasPrefix(s, "  - "):
			h.detect = append(h.detect, unquote(strings.TrimPrefix(s, "  - ")))
			continue
		case key == "name":
			h.name = strings.TrimSpace(val)
		case key == "rank":
			_, _ = fmt.Sscan(val, &h.rank)
		case key == "fields":
			return h // what recognition needs stands before the fields
		}
		inDetect = key == "detect"
	}
	return h
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

func shipped() ([]header, error) {
	files, err := fs.Glob(embedded, "formats/*.yaml")
	if err != nil {
		return nil, err
	}
	var hs []header
	for _, file := range files {
		body, err := embedded.ReadFile(file)
		if err != nil {
			return nil, err
		}
		hs = append(hs, scanHeader(file, body))
	}
	return hs, nil
}

// Formats decodes every shipped format, ordered by name.
func Formats() ([]*Format, error) {
	hs, err := shipped()
	if err != nil {
		return nil, err
	}
	var fs []*Format
	for _, h := range hs {
		f, err := ReadFormat(h.file, bytes.NewReader(h.body))
		if err != nil {
			return nil, err
		}
		f.body = h.body
		fs = append(fs, f)
	}
	sort.Slice(fs, func(i, j int) bool { return fs[i].Name < fs[j].Name })
	return fs, nil
}

// HeaderAgrees checks that the quick reading of a shipped format's header, on which recognition rests, says what YAML says.
func (f *Format) HeaderAgrees() error {
	h := scanHeader(f.origin, f.body)
	if h.name != f.Name || h.rank != f.Rank || !slices.Equal(h.detect, f.Detect) {
		return fmt.Errorf("format %s: name, rank and detect must be plain top-level lines before the fields, with detect's list indented by two blanks: read %q %d %q", f.origin, h.name, h.rank, h.detect)
	}
	return nil
}
