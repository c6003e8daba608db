package cmd

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/evidence"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
)

// collectOptions are the flags about evidence folders.
type collectOptions struct {
	dir, by string
	files   []string
	zip     bool
}

func (o *collectOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.dir, "collect", "", "copy the evidence into the new folder `DIR`: raw records, decoded scripts, files of --file, with a manifest")
	f.StringArrayVar(&o.files, "file", nil, "with --collect: a `FILE` that belongs to the evidence")
	f.BoolVar(&o.zip, "zip", false, "with --collect: pack the folder as DIR.zip, too")
	f.StringVar(&o.by, "by", "", "with --collect: who collects (default: $SOC_USER, then the login `NAME`)")
}

// collecting copies evidence while cases are printed. Nil collects nothing.
type collecting struct {
	app    *app
	o      collectOptions
	by     string
	folder *evidence.Folder
	book   string                      // of the casebook whose journal is told; empty: none
	bodies map[string]evidence.Copy    // of records, by digest
	lost   map[string]string           // digests whose bytes were not found, and why
	wanted map[string][]*evidence.Item // by input
	groups map[string]string           // of verdicts with several alerts: their case
	stood  []string                    // the cases of the casebook in which those stood
	more   map[string]int64            // alerts of such a verdict that were copied besides the one that stands for it
	cases  []string
	single bool // one case is printed: what a person named belongs to it
}

const collectHint = "soc investigate c-7f3a --collect evidence/c-7f3a"

// collecting settles what the flags ask for; nil when they ask for nothing.
func (a *app) collecting(o collectOptions, book string, noBook bool) (*collecting, error) {
	if o.dir == "" {
		if len(o.files) > 0 || o.zip || o.by != "" {
			return nil, usage(errors.New("--file, --zip and --by go with --collect"), collectHint)
		}
		return nil, nil
	}
	by, err := a.person(o.by)
	if err != nil {
		return nil, err
	}
	c := &collecting{app: a, o: o, by: by, bodies: map[string]evidence.Copy{}, lost: map[string]string{}, wanted: map[string][]*evidence.Item{}, groups: map[string]string{}, more: map[string]int64{}}
	if c.folder, err = evidence.Create(o.dir, by, a.Now); err != nil {
		return nil, usage(fmt.Errorf("--collect: %w", err), collectHint)
	}
	if !noBook {
		if path, err := a.locate(book); err == nil && there(path) == nil {
			c.book = path
		}
	}
	return c, nil
}

// gather copies the records of the clusters: from the casebook, where it keeps them, else from the inputs they were
// read from, each read once.
func (c *collecting) gather(ctx context.Context, q *inquiry, list []investigate.Verdict, clusters []investigate.Cluster) error {
	if c == nil {
		return nil
	}
	for i := range clusters {
		cl := &clusters[i]
		members, err := q.members(list, cl)
		if err != nil {
			return err
		}
		for n, at := range cl.Members {
			doc := gjson.Parse(members[n].Document)
			c.want(cl.ID, doc.Get("alert"))
			if doc.Get("group.count").Int() > 1 {
				c.groups[list[at].ID] = cl.ID
				c.stood = append(c.stood, list[at].Case)
			}
		}
	}
	c.single = len(clusters) == 1
	if err := c.fromBook(ctx); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.wanted)) {
		if len(c.wanted[name]) == 0 {
			continue
		}
		if err := c.fromInput(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// want notes a record to copy.
func (c *collecting) want(id string, a gjson.Result) {
	it := &evidence.Item{Kind: evidence.Alert, Case: id, ID: a.Get("id").Str, Source: a.Get("input.name").Str, Line: a.Get("input.line").Int(), Offset: a.Get("input.offset").Int(), Digest: a.Get("digest").Str}
	if at, err := time.Parse(time.RFC3339Nano, a.Get("time").Str); err == nil {
		it.Time = at
	}
	c.wanted[it.Source] = append(c.wanted[it.Source], it)
	c.lost[it.Digest] = "its input has no such record any more"
}

// keep copies a record; its bytes must be those that were judged.
func (c *collecting) keep(it *evidence.Item, raw []byte) error {
	got, err := c.folder.AddBytes(*it, bytes.TrimRight(raw, " \t\r\n")) // as digests are taken
	if errors.Is(err, evidence.ErrDigest) {
		return nil
	}
	if err != nil {
		return err
	}
	c.bodies[it.Case+" "+it.Digest] = got
	delete(c.lost, it.Digest)
	return nil
}

// fromBook takes what the casebook keeps.
func (c *collecting) fromBook(ctx context.Context) error {
	if c.book == "" {
		return nil
	}
	book, err := c.app.openBook(ctx, c.book, true, false)
	if err != nil {
		return err
	}
	defer book.Close() //nolint:errcheck // only read
	for _, name := range slices.Sorted(maps.Keys(c.wanted)) {
		var rest []*evidence.Item
		for _, it := range c.wanted[name] {
			raw, err := book.Raw(ctx, digestOf(it.Digest))
			if errors.Is(err, fs.ErrNotExist) {
				rest = append(rest, it)
				continue
			}
			if err == nil {
				err = c.keep(it, raw)
			}
			if err != nil {
				return err
			}
		}
		c.wanted[name] = rest
	}
	slices.Sort(c.stood)
	for _, id := range slices.Compact(c.stood) {
		if err := c.others(ctx, book, id); err != nil {
			return err
		}
	}
	return nil
}

// others copies the alerts of groups beside those that stand for them, which only a casebook knows.
func (c *collecting) others(ctx context.Context, book *casebook.Book, id string) error {
	var list []casebook.Member
	err := book.Members(ctx, id, func(m *casebook.Member) error {
		if c.groups[m.Verdict] != "" {
			list = append(list, *m)
		}
		return nil
	})
	if err != nil {
		return bookError(err)
	}
	for i := range list {
		m := &list[i]
		key := c.groups[m.Verdict] + " " + m.Digest.String()
		if _, met := c.bodies[key]; met || !m.Raw {
			continue
		}
		raw, err := book.Raw(ctx, m.Digest)
		if err != nil {
			return bookError(err)
		}
		at := gjson.ParseBytes(m.Input)
		it := &evidence.Item{Kind: evidence.Alert, Case: c.groups[m.Verdict], ID: m.ID, Source: at.Get("name").Str, Line: at.Get("line").Int(), Offset: at.Get("offset").Int(), Digest: m.Digest.String()}
		if err := c.keep(it, raw); err != nil {
			return err
		}
		c.more[m.Verdict] += max(1, m.Copies)
	}
	return nil
}

func digestOf(text string) (d alert.Digest) {
	raw, err := hex.DecodeString(strings.TrimPrefix(text, "sha256:"))
	if err == nil {
		copy(d[:], raw)
	}
	return d
}

// fromInput reads an input again and takes the records that are wanted of it. The name stands in a document, which may be another
// program's: only a regular file is opened, and nothing is copied whose digest is not the one that was judged.
func (c *collecting) fromInput(ctx context.Context, name string) error {
	items := c.wanted[name]
	lose := func(why string) {
		for _, it := range items {
			if _, left := c.lost[it.Digest]; left {
				c.lost[it.Digest] = why
			}
		}
	}
	st, err := os.Lstat(name)
	switch {
	case name == "" || name == "-":
		lose("it came through a pipe: keep a casebook, or name the file")
		return nil
	case err != nil:
		lose("its input is gone")
		return nil
	case !st.Mode().IsRegular():
		lose("its input is no regular file")
		return nil
	}
	sources, err := stream.Expand([]string{name}, nil)
	if err != nil {
		lose(err.Error())
		return nil
	}
	at := map[[2]int64][]*evidence.Item{}
	for _, it := range items {
		at[[2]int64{it.Line, it.Offset}] = append(at[[2]int64{it.Line, it.Offset}], it)
	}
	for _, src := range sources {
		err := stream.Read(ctx, src, stream.Limits{Record: 64 << 20}, func(b stream.Batch) error {
			for i := range b.Records {
				r := &b.Records[i]
				for _, it := range at[[2]int64{r.Line, r.Offset}] {
					if err := c.keep(it, r.Raw); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			lose(err.Error())
		}
	}
	return nil
}

// before adds to a case what was copied of its records and named by a person, and what is missing as gaps.
func (c *collecting) before(k *investigate.Case) error {
	if c == nil {
		return nil
	}
	c.cases = append(c.cases, k.ID)
	for i := range k.Members {
		doc := gjson.Parse(k.Members[i].Document)
		a := doc.Get("alert")
		if n := doc.Get("group.count").Int() - 1 - c.more[k.Members[i].ID]; n > 0 {
			k.Gaps = append(k.Gaps, alert.Gap{Check: "collect", Class: alert.Partial, Reason: fmt.Sprintf("%d more alerts like %s were not copied: the casebook does not have their bytes", n, a.Get("id").Str)})
		}
		digest, id := a.Get("digest").Str, a.Get("id").Str
		if got, ok := c.bodies[k.ID+" "+digest]; ok {
			k.Artifacts = append(k.Artifacts, artifact(&got, fmt.Sprintf("alert %s, %s, line %d, byte %d", id, got.Source, got.Line, got.Offset)))
			continue
		}
		k.Gaps = append(k.Gaps, alert.Gap{Check: "collect", Class: alert.Partial, Reason: "alert " + id + " was not copied: " + c.lost[digest]})
	}
	for i := range k.Events {
		r := k.Events[i].Record
		if r == nil || len(r.Raw) == 0 {
			continue
		}
		it := evidence.Item{Kind: evidence.Event, Case: k.ID, ID: fmt.Sprint(i + 1), Source: r.Input.Name, Line: r.Input.Line, Offset: r.Input.Offset, Time: r.Time}
		got, err := c.folder.AddBytes(it, bytes.TrimRight(r.Raw, " \t\r\n"))
		if err != nil {
			return err
		}
		k.Artifacts = append(k.Artifacts, artifact(&got, fmt.Sprintf("event %d, %s, line %d, byte %d", i+1, r.Input.Name, r.Input.Line, r.Input.Offset)))
	}
	if c.single || len(c.cases) == 1 {
		for _, name := range c.o.files {
			it := evidence.Item{Kind: evidence.File, Source: name}
			if c.single {
				it.Case = k.ID
			}
			got, err := c.folder.AddFile(it)
			if err != nil {
				return usage(fmt.Errorf("--file: %w", err), collectHint+" --file memory.raw")
			}
			if c.single {
				k.Artifacts = append(k.Artifacts, artifact(&got, "named by "+c.by+": "+name))
			}
		}
	}
	return nil
}

func artifact(c *evidence.Copy, from string) investigate.Artifact {
	return investigate.Artifact{Name: c.Name, Digest: c.Sum, Bytes: c.Bytes, From: from}
}

// after copies the scripts that were decoded of a case.
func (c *collecting) after(k *investigate.Case) error {
	if c == nil {
		return nil
	}
	for i := range k.Artifacts {
		a := &k.Artifacts[i]
		if a.Body == nil {
			continue
		}
		if _, err := c.folder.AddBytes(evidence.Item{Kind: evidence.Script, Case: k.ID, Source: a.From}, a.Body); err != nil {
			return err
		}
	}
	return nil
}

// end writes the manifest, packs, and tells the journal.
func (c *collecting) end(ctx context.Context) error {
	if c == nil {
		return nil
	}
	copies := len(c.folder.Copies())
	folder := c.folder
	c.folder = nil
	manifest, err := folder.Close()
	if err != nil {
		return fmt.Errorf("collecting into %s: %w", c.o.dir, err)
	}
	said := fmt.Sprintf("%d copies in %s, manifest %s", copies, term.Clean(c.o.dir), manifest)
	if c.o.zip {
		if err := evidence.Zip(c.o.dir, strings.TrimRight(c.o.dir, `/\`)+".zip", c.app.Now()); err != nil {
			return fmt.Errorf("packing %s: %w", c.o.dir, err)
		}
	}
	if c.book == "" {
		_, err = fmt.Fprintf(c.app.IO.Err, "%s; there is no casebook whose journal could say so: keep the digest\n", said)
		return err
	}
	book, err := c.app.openBook(ctx, c.book, false, false)
	if err != nil {
		return err
	}
	slices.Sort(c.cases)
	seq, err := book.Collected(ctx, c.by, manifest, copies, slices.Compact(c.cases))
	if err := errors.Join(err, book.Close()); err != nil {
		return bookError(err)
	}
	_, err = fmt.Fprintf(c.app.IO.Err, "%s, record %d of the journal\n", said, seq)
	return err
}

// drop leaves nothing of a folder that was not finished.
func (c *collecting) drop() error {
	if c == nil || c.folder == nil {
		return nil
	}
	return c.folder.Drop()
}
