package cmd_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/term"
)

// TestPictures draws the four main screens over the demonstration's night. UPDATE=1 writes them to docs, where the guide and the README show
// them; without it the test only sees to it that they can be drawn.
func TestPictures(t *testing.T) {
	t.Chdir("..")
	pictures := map[string]struct {
		width, height int
		keys          []string
	}{
		"queue":    {160, 34, nil},
		"case":     {120, 40, []string{"enter", "j", "j", "j"}},
		"raw":      {100, 30, []string{"enter", "j", "j", "j", "enter"}},
		"deciding": {100, 30, []string{"enter", "t", "1"}},
	}
	w, path := nightBookOf(t, filepath.Join("testdata", "demo"))
	for name, p := range pictures {
		s := sit(t, w, path, "maria", p.width, p.height, "dark")
		s.press(p.keys...)
		drawn := svg(s.m.View(), p.width, p.height)
		for d := xml.NewDecoder(strings.NewReader(drawn)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s is no picture: %v", name, err)
			}
		}
		if !strings.Contains(drawn, "c-5021a541") && name != "raw" && name != "queue" {
			t.Errorf("%s does not show the night's first case", name)
		}
		file := filepath.Join("docs", "tui-"+name+".svg")
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(drawn), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(file); err != nil {
			t.Errorf("UPDATE=1 draws it: %v", err)
		}
	}
}

// The measures of a character, and the colours of a terminal with a dark background: the sixteen of its palette.
const (
	charWidth, lineHeight = 8, 17
	ink, ground           = "#d8dee9", "#1f2430"
)

func palette() []string {
	return []string{"#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", ink, "#7f8796", "#ff7a85", "#b5e890", "#ffd787", "#82c7ff", "#e39bff", "#7fe0ec", "#ffffff"}
}

// look is how the text behind an escape sequence is drawn.
type look struct {
	fill                  string
	bold, under, reversed bool
}

// svg draws a frame. Every run of text is as wide as its columns, whatever the font.
func svg(frame string, width, height int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">`+"\n", width*charWidth+20, height*lineHeight+20)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="%s"/>`+"\n", ground)
	for y, line := range strings.Split(frame, "\n") {
		now, column := look{fill: ink}, 0
		for _, part := range strings.Split("m"+line, "\x1b[") {
			codes, text, _ := strings.Cut(part, "m")
			now = now.after(codes)
			now.run(&b, text, column, y)
			column += term.Width(text)
		}
	}
	return b.String() + "</svg>\n"
}

// after is the look behind an escape sequence's numbers.
func (l look) after(codes string) look {
	for code := range strings.SplitSeq(codes, ";") {
		switch n, err := strconv.Atoi(code); {
		case err != nil:
		case n == 0:
			l = look{fill: ink}
		case n == 1:
			l.bold = true
		case n == 4:
			l.under = true
		case n == 7:
			l.reversed = true
		case n >= 30 && n < 38:
			l.fill = palette()[n-30]
		case n >= 90 && n < 98:
			l.fill = palette()[n-90+8]
		}
	}
	return l
}

func (l look) run(b *strings.Builder, text string, column, y int) {
	start := len(text) - len(strings.TrimLeft(text, " "))
	kept := strings.TrimSpace(text)
	x, top := 10+column*charWidth, 10+y*lineHeight
	if l.reversed {
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", x, top, term.Width(text)*charWidth, lineHeight, l.fill)
		l.fill = ground
	}
	if kept == "" {
		return
	}
	style := ""
	if l.bold {
		style += ` font-weight="bold"`
	}
	if l.under {
		style += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s" textLength="%d" xml:space="preserve"%s>%s</text>`+"\n", x+start*charWidth, top+13, l.fill, term.Width(kept)*charWidth, style, html.EscapeString(kept))
}
