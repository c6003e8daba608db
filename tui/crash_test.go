package tui_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/tui"
)

// broken is a casebook that a mistake of this program takes down.
type broken struct{ hand }

func (broken) List(context.Context, tui.View, int) (tui.Listing, error) {
	panic("a mistake, made for the test")
}

// pane is what a terminal was told.
type pane struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *pane) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func TestACrashLeavesTheTerminalClean(t *testing.T) {
	who := broken{hand{night(1), "maria"}}
	m := tui.New(t.Context(), tui.Options{Now: clock, Desk: tui.Desk{Queue: who, Reader: who, Decider: who}})
	in, _ := io.Pipe()
	out := &pane{}
	_, err := tea.NewProgram(m, tea.WithContext(t.Context()), tea.WithInput(in), tea.WithOutput(out), tea.WithAltScreen(), tea.WithMouseCellMotion(), tea.WithoutSignalHandler()).Run()
	if !errors.Is(err, tea.ErrProgramPanic) {
		t.Fatalf("%v", err)
	}
	told := out.b.String()
	for what, sequence := range map[string]string{"the alternate screen is left": "\x1b[?1049l", "the cursor is shown": "\x1b[?25h", "pasting is as before": "\x1b[?2004l", "the mouse is the terminal's": "\x1b[?1002l"} {
		if !strings.Contains(told, sequence) {
			t.Errorf("not so: %s", what)
		}
	}
}
