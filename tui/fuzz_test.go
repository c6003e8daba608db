package tui_test

import (
	"errors"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/tui"
)

// Whatever an alert says and whatever is typed: a frame has the lines and columns of the terminal and nothing in it that a terminal obeys.
func FuzzFrames(f *testing.F) {
	f.Add("plain", "jjf1", 80, 24)
	f.Add("\x1b[2J\u202e漢字", "/x\r:q", 41, 10)
	f.Add(strings.Repeat("あ", 300), "opa", 161, 30)
	f.Add("two\nlines\t\x00", "\rR/a\rGd\x1b--+zC", 20, 8)
	f.Add("x", "aM\t/count >\rz9\r\rcuUS I", 80, 24)
	f.Fuzz(func(t *testing.T, text, keys string, w, h int) {
		if len(keys) > 40 || len(text) > 4000 {
			return
		}
		w, h = 20+(w&0x7fffffff)%280, 8+(h&0x7fffffff)%60
		b := night(3)
		c := b.cases[0]
		c.Row.Title, c.Row.Host, c.Row.Rule, c.Row.User = text, text, text, text
		c.Row.Owner, c.Met = text, []render.Met{{Kind: "host", Value: text, Estate: text, Closed: 1}}
		b.page = &render.Page{Title: text, Paras: []render.Para{{Text: text}, {Indent: w % 25, Text: text}}}
		c.Notes = []render.CaseNote{{By: text, Text: text}}
		c.Verdicts[0] = hostileVerdict(text, 3)
		r := sit(t, b, "maria", w, h, tui.Options{})
		for _, k := range keys {
			switch k {
			case '\r':
				r.send(tea.KeyMsg{Type: tea.KeyEnter})
			case '\x1b':
				r.send(tea.KeyMsg{Type: tea.KeyEsc})
			default:
				r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{k}})
			}
			r.view()
		}
	})
}

// A filter that reads names a place and a text in every term, and the words that are found in it stand in what was typed.
func FuzzParseFilter(f *testing.F) {
	for _, s := range []string{"", "host:ws-12 -backup", `"two words" user:"CORP\j.doe"`, "-", ":", `host:"`, `severity == "high" && count > 3`, `"a" in hosts`, `x == `} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := tui.ParseFilter(text)
		var fault *query.Fault
		if errors.As(err, &fault) && (fault.Column < 0 || fault.Column > len([]rune(text)) || fault.What == "") {
			t.Errorf("%q: %+v", text, fault)
		}
		if err != nil || filter.Query != nil {
			return
		}
		list := filter.Terms
		for _, one := range list {
			if one.Text == "" || !strings.Contains(text, one.Text) || one.Field != "" && !strings.Contains(text, one.Field+":") {
				t.Errorf("%q: %+v", text, one)
			}
		}
		if strings.TrimSpace(text) != "" && len(list) == 0 {
			t.Errorf("%q: nothing was read, and nothing said", text)
		}
	})
}

// BenchmarkFrame is a key and its frame on the screens that have most to draw.
func BenchmarkFrame(b *testing.B) {
	many := night(1)
	many.cases[0].Verdicts[0] = hostileVerdict(term.Clean(strings.Repeat("evidence ", 60)), 5000)
	rows := map[string]struct {
		book *book
		keys []string
	}{
		"queue":        {night(1000), nil},
		"case":         {night(3), []string{"enter"}},
		"5000 signals": {many, []string{"enter"}},
	}
	for name, row := range rows {
		b.Run(name, func(b *testing.B) {
			r := sit(b, row.book, "maria", 200, 60, tui.Options{})
			r.press(row.keys...)
			m := r.m
			for b.Loop() {
				m, _ = m.Update(tea.KeyMsg{Type: tea.KeyDown})
				if m.View() == "" {
					b.Fatal("an empty frame")
				}
			}
		})
	}
	b.Run("resize with 5000 signals", func(b *testing.B) {
		r := sit(b, many, "maria", 200, 60, tui.Options{})
		r.press("enter")
		m := r.m
		for i := 0; b.Loop(); i++ {
			m, _ = m.Update(tea.WindowSizeMsg{Width: 199 + i%2, Height: 60})
			if m.View() == "" {
				b.Fatal("an empty frame")
			}
		}
	})
}
