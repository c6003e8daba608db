package render

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Progress is one line on stderr that says how far a long run is. It draws at most five times a second, not at all in
// the first half second, and leaves nothing behind. The zero value and a nil one draw nothing. It is for one goroutine.
type Progress struct {
	out            io.Writer
	width          int
	total          int64 // bytes of all inputs, 0 when unknown
	now            func() time.Time
	started, drawn time.Time
	last           int // columns of the line on the screen
}

// NewProgress draws to w, a terminal of that many columns. total is the size of the input in bytes, 0 when it is not known.
func NewProgress(w io.Writer, width int, total int64, now func() time.Time) *Progress {
	t := now()
	return &Progress{out: w, width: width, total: total, now: now, started: t, drawn: t.Add(300 * time.Millisecond)}
}

// Read shows the bytes and the alerts read so far.
func (p *Progress) Read(bytes, alerts int64) {
	p.draw(func(t time.Time) string {
		line := "reading " + size(bytes)
		if p.total > 0 {
			line = fmt.Sprintf("reading %3d%% of %s", min(100, 100*bytes/p.total), size(p.total))
		}
		return line + ", " + Plural(alerts, "alert", "alerts") + p.rate(alerts, t)
	})
}

// Judged shows the groups decided so far.
func (p *Progress) Judged(groups int64) {
	p.draw(func(time.Time) string { return "judging, " + Plural(groups, "group", "groups") + " so far" })
}

// Clear takes the line away.
func (p *Progress) Clear() {
	if p != nil && p.last > 0 {
		_, _ = io.WriteString(p.out, "\r"+strings.Repeat(" ", p.last)+"\r")
		p.last = 0
	}
}

func (p *Progress) draw(text func(time.Time) string) {
	if p == nil || p.out == nil {
		return
	}
	t := p.now()
	if t.Sub(p.drawn) < 200*time.Millisecond {
		return
	}
	p.drawn = t
	line := text(t)
	line = line[:min(len(line), max(p.width-1, 0))]
	_, _ = io.WriteString(p.out, "\r"+line+strings.Repeat(" ", max(0, p.last-len(line))))
	p.last = len(line)
}

func (p *Progress) rate(n int64, t time.Time) string {
	d := t.Sub(p.started)
	if d <= 0 {
		return ""
	}
	return ", " + Count(int64(float64(n)/d.Seconds())) + "/s"
}

// size writes bytes in decimal units, as disks are sold.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f /= 1000
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
