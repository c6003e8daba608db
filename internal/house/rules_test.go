package house_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-959697dd/soc/internal/house"
)

const module = "example.com/soc"

// row is a file, and the words of the fault that rule finds when the module holds nothing else. Without words there is
// no fault.
type row struct {
	rule func(house.Tree) []house.Fault
	path string
	text string
	want string
}

// imports is a file that imports one package.
func imports(pkg, target string) string {
	return "package " + pkg + "\n\nimport _ \"" + target + "\"\n"
}

func ours(dir string) string { return module + "/" + dir }

func TestArrows(t *testing.T) {
	t.Parallel()
	check(t, map[string]row{
		"triage reads alerts":                  {house.Arrows, "triage/a.go", imports("triage", ours("alert")), ""},
		"triage knows no case":                 {house.Arrows, "triage/a.go", imports("triage", ours("investigate")), "triage may not import investigate"},
		"an alert is read by its reader":       {house.Arrows, "alert/a.go", imports("alert", ours("alert/stream")), ""},
		"a reader knows no view":               {house.Arrows, "alert/stream/a.go", imports("stream", ours("alert/view")), "alert/stream may not import alert/view"},
		"the view knows no alert":              {house.Arrows, "alert/view/a.go", imports("view", ours("alert")), "may not import alert"},
		"a rung renders nothing":               {house.Arrows, "respond/a.go", imports("respond", ours("internal/render")), "respond may not import"},
		"adapters do not know each other":      {house.Arrows, "internal/source/a/a.go", imports("a", ours("internal/source/b")), "internal/source/a may not import internal/source/b"},
		"an adapter has rooms of its own":      {house.Arrows, "internal/source/a/a.go", imports("a", ours("internal/source/a/query")), ""},
		"an adapter reads no configuration":    {house.Arrows, "internal/drive/a/a.go", imports("a", ours("internal/config")), "may not import internal/config"},
		"an adapter speaks through web":        {house.Arrows, "internal/drive/a/a.go", imports("a", ours("internal/web")), ""},
		"adapters of one vendor share a login": {house.Arrows, "internal/source/a/a.go", imports("a", ours("internal/entra")), ""},
		"a login knows no alert":               {house.Arrows, "internal/entra/a.go", imports("entra", ours("alert")), "may not import alert"},
		"a query language opens no connection": {house.Arrows, "internal/kql/a.go", imports("kql", ours("internal/web")), "may not import internal/web"},
		"fakes of one vendor share a door":     {house.Arrows, "internal/fake/a/a.go", imports("a", ours("internal/fake/entra")), ""},
		"a fake knows no client":               {house.Arrows, "internal/fake/a/a.go", imports("a", ours("internal/kql")), "may not import internal/kql"},
		"triage checks no signature":           {house.Arrows, "triage/a.go", imports("triage", ours("internal/sign")), "may not import internal/sign"},
		"an approval may be checked":           {house.Arrows, "internal/drive/a/a.go", imports("a", ours("internal/sign")), ""},
		"the terminal knows no noun":           {house.Arrows, "internal/term/a.go", imports("term", ours("alert")), "may not import alert"},
		"anyone may write a document":          {house.Arrows, "internal/config/a.go", imports("config", ours("internal/wire")), ""},
		"a command wires everything":           {house.Arrows, "cmd/a.go", imports("cmd", ours("internal/drive/a")), ""},
		"the program is its command":           {house.Arrows, "cmd/soc/main.go", imports("main", ours("triage")), "cmd/soc may not import triage"},
		"nobody calls the screen":              {house.Arrows, "internal/render/a.go", imports("render", ours("tui")), "may not import tui"},
		"a name that begins like another":      {house.Arrows, "triage/a.go", imports("triage", ours("alerting")), "may not import alerting"},
		"a test may stand anywhere":            {house.Arrows, "triage/a_test.go", imports("triage_test", ours("internal/fake/a")), ""},
		"a package without a room":             {house.Arrows, "internal/engine/a.go", "package engine\n", "has no room"},
		"a source needs a folder of its own":   {house.Arrows, "internal/source/a.go", "package source\n", "has no room"},
		"a package at the root has no room":    {house.Arrows, "a.go", "package soc\n", "has no room"},
		"the model's library at home":          {house.Guests, "internal/model/ollama/a.go", imports("ollama", "github.com/ollama/ollama/api"), ""},
		"the model's library elsewhere":        {house.Guests, "cmd/a.go", imports("cmd", "github.com/ollama/ollama/api"), "is for internal/model/ollama only"},
		"the model's library in another test":  {house.Guests, "cmd/a_test.go", imports("cmd", "github.com/ollama/ollama/api"), "is for internal/model/ollama only"},
	})
}

func TestSurroundingsAndExits(t *testing.T) {
	t.Parallel()
	const exit = "import \"os\"\n\nfunc f() { os.Exit(1) }\n"
	check(t, map[string]row{
		"the one way out":              {house.Exits, "cmd/soc/main.go", "package main\n\n" + exit, ""},
		"a main without it":            {house.Exits, "cmd/soc/main.go", "package main\n", "0 times os.Exit"},
		"a main with two":              {house.Exits, "cmd/soc/main.go", "package main\n\n" + exit + "\nfunc g() { os.Exit(2) }\n", "2 times os.Exit"},
		"a command that leaves":        {house.Exits, "cmd/a.go", "package cmd\n\n" + exit, "leaves the process"},
		"under another name":           {house.Exits, "triage/a.go", "package triage\n\nimport o \"os\"\n\nvar f = o.Exit\n", "leaves the process"},
		"a fatal log line":             {house.Exits, "cmd/soc/a.go", "package main\n\nimport \"log\"\n\nfunc f() { log.Fatal() }\n", "leaves the process"},
		"a test may":                   {house.Exits, "cmd/a_test.go", "package cmd\n\n" + exit, ""},
		"the clock":                    {house.Surroundings, "triage/a.go", "package triage\n\nimport \"time\"\n\nvar f = time.Now\n", "time.Now belongs to cmd"},
		"the clock, hidden":            {house.Surroundings, "triage/a.go", "package triage\n\nimport \"time\"\n\nvar f = time.Since\n", "time.Since belongs to cmd"},
		"a stream":                     {house.Surroundings, "internal/term/a.go", "package term\n\nimport \"os\"\n\nvar f = os.Stdout\n", "os.Stdout belongs to cmd"},
		"the environment":              {house.Surroundings, "internal/config/a.go", "package config\n\nimport \"os\"\n\nvar f = os.Getenv\n", "os.Getenv belongs to cmd"},
		"a command's own test":         {house.Surroundings, "triage/a_test.go", "package triage\n\nimport \"time\"\n\nvar f = time.Now\n", ""},
		"cmd hands them in":            {house.Surroundings, "cmd/a.go", "package cmd\n\nimport \"os\"\n\nvar f = os.Getenv\n", ""},
		"a field named like a package": {house.Surroundings, "triage/a.go", "package triage\n\nvar f = clock.Now\n", ""},
		"an init function":             {house.Inits, "alert/a.go", "package alert\n\nfunc init() {}\n", "an init function"},
		"a method of that name":        {house.Inits, "alert/a.go", "package alert\n\nfunc (a A) init() {}\n", ""},
	})
}

func TestCommentsAndNames(t *testing.T) {
	t.Parallel()
	long := "// Package alert reads what a vendor sent and keeps it as received. It is not for judging it. Start with Alert.\n"
	check(t, map[string]row{
		"a comment of substance":     {house.Comments, "alert/a.go", long + "package alert\n", ""},
		"no comment":                 {house.Comments, "alert/a.go", "package alert\n", "no package comment"},
		"a comment that says little": {house.Comments, "alert/a.go", "// Package alert is alerts.\npackage alert\n", "does not say what it is for"},
		"a comment on another name":  {house.Comments, "alert/a.go", strings.Replace(long, "alert", "alarm", 1) + "package alert\n", "does not begin"},
		"a comment in a test only":   {house.Comments, "alert/a_test.go", long + "package alert\n", ""},
		"a package named util":       {house.Names, "internal/util/a.go", "package util\n", "does not say"},
		"a folder named types":       {house.Names, "internal/types/a.go", "package noun\n", "does not say"},
		"a name that says something": {house.Names, "internal/wire/a.go", "package wire\n", ""},
		"a check with its source":    {house.Sources, "internal/check/a.go", "package check\n\n// Source: https://attack.mitre.org/techniques/T1059/001/\nvar a int\n", ""},
		"a check without":            {house.Sources, "internal/check/a.go", "package check\n\n// Everyone knows this.\nvar a int\n", "where this knowledge comes from"},
		"a source that names none":   {house.Sources, "internal/check/a.go", "package check\n\n// Source:\nvar a int\n", "where this knowledge comes from"},
		"the checks' own comment":    {house.Sources, "internal/check/doc.go", "package check\n", ""},
	})
}

func TestASecondPackageComment(t *testing.T) {
	t.Parallel()
	tree := load(t, map[string]string{
		"alert/a.go": "// Package alert is one.\npackage alert\n",
		"alert/b.go": "// Package alert is two.\npackage alert\n",
	})
	expect(t, house.Comments(tree), "a second package comment, the first is in alert/a.go")
}

func TestExposed(t *testing.T) {
	t.Parallel()
	const head = "package alert\n\nimport \"github.com/tidwall/gjson\"\n\n"
	check(t, map[string]row{
		"a third party's result":      {house.Exposed, "alert/a.go", head + "func Get() gjson.Result { return gjson.Result{} }\n", "shows gjson.Result"},
		"inside only":                 {house.Exposed, "alert/a.go", head + "func get() gjson.Result { return gjson.Result{} }\n", ""},
		"a method of our own":         {house.Exposed, "alert/a.go", head + "func (a *inner) Get() gjson.Result { panic(0) }\n", ""},
		"a method that others see":    {house.Exposed, "alert/a.go", head + "func (a *Alert) Get() gjson.Result { panic(0) }\n", "shows gjson.Result"},
		"an exported field":           {house.Exposed, "alert/a.go", head + "type A struct{ R []gjson.Result }\n", "shows gjson.Result"},
		"an unexported field":         {house.Exposed, "alert/a.go", head + "type A struct{ r gjson.Result }\n", ""},
		"an embedded one":             {house.Exposed, "alert/a.go", head + "type A struct{ gjson.Result }\n", "shows gjson.Result"},
		"an interface":                {house.Exposed, "alert/a.go", head + "type A interface{ Get() gjson.Result }\n", "shows gjson.Result"},
		"a variable":                  {house.Exposed, "alert/a.go", head + "var A gjson.Result\n", "shows gjson.Result"},
		"the standard library's type": {house.Exposed, "alert/a.go", "package alert\n\nimport \"time\"\n\ntype A struct{ T time.Time }\n", ""},
		"a type of ours":              {house.Exposed, "triage/a.go", "package triage\n\nimport \"example.com/soc/alert\"\n\ntype A struct{ P alert.Path }\n", ""},
		"outside the rungs":           {house.Exposed, "tui/a.go", "package tui\n\nimport tea \"github.com/charmbracelet/bubbletea\"\n\ntype A struct{ M tea.Model }\n", ""},
		"a field of type any":         {house.Exposed, "triage/a.go", "package triage\n\ntype A struct{ V map[string]any }\n", "of type any"},
		"a callback may take any":     {house.Exposed, "triage/a.go", "package triage\n\ntype A struct{ Say func(args ...any) }\n", ""},
	})
}

func TestTexts(t *testing.T) {
	t.Parallel()
	// Spelled in two halves, or this file would break the rules it tests.
	work, root, todo := "/wo"+"rk/main/x", "/ro"+"ot/go/pkg", "TO"+"DO"
	check(t, map[string]row{
		"a link to a file":             {house.Links, "docs/a.md", "see [it](../go.mod)", ""},
		"a link to a folder":           {house.Links, "docs/a.md", "see [it](../docs/)", ""},
		"a link to a heading":          {house.Links, "docs/a.md", "see [it](#here) and [that](../go.mod#there)", ""},
		"a link to the world":          {house.Links, "README.md", "see [it](https://example.com/a)", ""},
		"a link to nothing":            {house.Links, "README.md", "see [it](docs/none.md)", "a link to docs/none.md"},
		"the second link of a line":    {house.Links, "README.md", "[a](go.mod) [b](b.md \"b\")", "a link to b.md"},
		"a link out of the module":     {house.Links, "README.md", "see [it](../other/a.md)", "a link to ../other/a.md"},
		"a definition":                 {house.Links, "README.md", "[it]: none.md", "a link to none.md"},
		"code is no link":              {house.Links, "README.md", "`a[0](b)`\n```\na[0](b)\n```\n", ""},
		"a link behind code":           {house.Links, "README.md", "```\na\n```\n[a](b.md)\n", "a link to b.md"},
		"a path of one machine":        {house.Paths, "docs/a.md", "run " + work, "a path of one machine"},
		"a home of one machine":        {house.Paths, "cmd/testdata/a.txt", "\"" + root + "\"", "a path of one machine"},
		"the end of another path":      {house.Paths, "docs/a.md", "https://example.com" + work, ""},
		"an attacker in a home":        {house.Paths, "docs/a.md", "cat /root/.ssh/authorized_keys", ""},
		"left over without a number":   {house.Leftovers, "alert/a.go", "package alert\n\n// " + todo + ": later\n", "without an issue number"},
		"left over with a number":      {house.Leftovers, "alert/a.go", "package alert\n\n// " + todo + "(#12): later\n", ""},
		"an alert may say it":          {house.Leftovers, "testdata/a.json", todo, ""},
		"a word that only contains it": {house.Leftovers, "docs/a.md", "MY" + todo + "S", ""},
	})
}

func TestWhatIsBuiltIsNotRead(t *testing.T) {
	t.Parallel()
	tree := load(t, map[string]string{
		".cache/a/a.go":       "no Go at all",
		"dist/a.go":           "no Go at all",
		"alert/testdata/a.go": "no Go at all",
		"soc":                 "\x7fELF\x00 a path: " + "/wo" + "rk/main/x",
		".ci/run":             "cd " + "/wo" + "rk/main/x",
	})
	if len(tree.Files) != 0 {
		t.Errorf("read %d Go files", len(tree.Files))
	}
	expect(t, house.Paths(tree), ".ci/run:1: a path of one machine")
}

func TestLoadNeedsAModuleAndGo(t *testing.T) {
	t.Parallel()
	if _, err := house.Load(fstest.MapFS{"a.go": {Data: []byte("package a\n")}}); err == nil {
		t.Error("a tree without go.mod was read")
	}
	broken := fstest.MapFS{"go.mod": {Data: []byte("module m\n")}, "a.go": {Data: []byte("package")}}
	if _, err := house.Load(broken); err == nil {
		t.Error("a file that is no Go was read")
	}
}

func check(t *testing.T, rows map[string]row) {
	t.Helper()
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, r.rule(load(t, map[string]string{r.path: r.text})), r.want)
		})
	}
}

// expect wants exactly one fault with those words, or none.
func expect(t *testing.T, faults []house.Fault, want string) {
	t.Helper()
	switch {
	case want == "" && len(faults) > 0:
		t.Errorf("faults %v, want none", faults)
	case want != "" && (len(faults) != 1 || !strings.Contains(faults[0].String(), want)):
		t.Errorf("faults %v, want one with %q", faults, want)
	}
}

func load(t *testing.T, files map[string]string) house.Tree {
	t.Helper()
	fsys := fstest.MapFS{"go.mod": {Data: []byte("module " + module + "\n\ngo 1.26\n")}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := house.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
