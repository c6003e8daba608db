package tui

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/seed-959697dd/soc/internal/render"
)

// theme is what each tone looks like: what stands before its text and behind it. The plain one adds nothing, and nothing is lost: every tone
// only underlines what the words say.
type theme struct {
	name      string
	tones     [render.Tones][2]string
	cursor    [2]string
	unfocused [2]string
}

// Themes are the names of the themes.
func Themes() []string { return []string{"dark", "light", "contrast", "plain"} }

// newTheme makes a theme; a name that there is none of makes the plain one.
func newTheme(name string) theme {
	if !slices.Contains(Themes(), name) {
		name = "plain"
	}
	t := theme{name: name}
	if name == "plain" {
		return t
	}
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.ANSI)
	s := r.NewStyle()
	color := func(c int) lipgloss.Style { return s.Foreground(lipgloss.ANSIColor(c)) }
	red, bright, yellow, blue, faint := color(1), color(9), color(3), color(6), color(8)
	switch name {
	case "light":
		bright, yellow, blue = color(1), color(5), color(4)
	case "contrast":
		red, bright, yellow, blue, faint = s.Bold(true), s.Bold(true).Underline(true), s.Underline(true), s, s
	}
	looks := map[render.Tone]lipgloss.Style{
		render.Strong: s.Bold(true), render.Faint: faint, render.Heading: s.Bold(true).Underline(true),
		render.CriticalTone: bright.Bold(true), render.HighTone: red, render.MediumTone: yellow, render.LowTone: blue,
		render.Raise: red, render.Lower: blue, render.Warn: yellow.Bold(true), render.Lit: s.Reverse(true),
	}
	for tone, style := range looks {
		t.tones[tone] = around(style)
	}
	t.cursor, t.unfocused = around(s.Reverse(true)), around(s.Underline(true))
	return t
}

// around is what a style puts before and behind a text.
func around(s lipgloss.Style) [2]string {
	before, behind, _ := strings.Cut(s.Render("x"), "x")
	return [2]string{before, behind}
}

// next is the theme after this one.
func (t *theme) next() theme {
	all := Themes()
	return newTheme(all[(slices.Index(all, t.name)+1)%len(all)])
}
