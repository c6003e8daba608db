package baseline

import (
	"math"
	"strings"

	"github.com/seed-959697dd/soc/internal/wire"
)

// decoder reads a payload. Nothing in it is believed: order, bounds and references are checked, and no list grows faster than the
// bytes that fill it.
type decoder struct {
	wire.Reader
	b     *Baseline
	limit Limits
	bad   bool
}

func decode(payload []byte) (*Baseline, bool) {
	d := decoder{Reader: wire.NewReader(payload), b: &Baseline{}, limit: Limits{}.filled()}
	d.readTexts()
	for n := d.Count(); n > 0 && d.good(); n-- {
		d.readSeries()
	}
	if !d.good() || len(d.b.series) > d.limit.Series || len(d.b.values) > d.limit.Total {
		return nil, false
	}
	if d.Byte(); !d.Bad {
		return nil, false // something follows
	}
	d.b.finish()
	return d.b, true
}

func (d *decoder) good() bool { return !d.Bad && !d.bad }

func (d *decoder) readTexts() {
	for n := d.Count(); n > 0 && d.good(); n-- {
		t := strings.Clone(d.Text())
		if last := len(d.b.texts) - 1; len(t) > maxText || last >= 0 && t <= d.b.texts[last] {
			d.bad = true
		}
		d.b.texts = append(d.b.texts, t)
	}
}

// text reads the number of a text.
func (d *decoder) text() uint32 {
	n := d.Varint()
	if n < 0 || n >= int64(len(d.b.texts)) {
		d.bad = true
		return 0
	}
	return uint32(n)
}

func (d *decoder) readSeries() {
	k, dim := kind(d.Byte()), dimension(d.Byte())
	s := series{key: key(k, dim, d.text())}
	crowded := d.Byte()
	last := len(d.b.series) - 1
	if k >= kinds || dim >= dimensions || crowded > 1 || last >= 0 && s.key <= d.b.series[last].key {
		d.bad = true
		return
	}
	s.crowded, s.total = crowded == 1, d.readRun()
	s.values.from = uint32(len(d.b.values))
	for n := d.Count(); n > 0 && d.good(); n-- {
		v := value{text: d.text(), run: d.readRun()}
		if at := len(d.b.values); at > int(s.values.from) && v.text <= d.b.values[at-1].text || at == d.limit.Total {
			d.bad = true
		}
		d.b.values = append(d.b.values, v)
	}
	s.values.to = uint32(len(d.b.values))
	d.b.series = append(d.b.series, s)
}

// readRun reads the days of a value: at least one, ascending, with sums that grow.
func (d *decoder) readRun() run {
	r := run{from: uint32(len(d.b.days))}
	at, sum := int64(0), int64(0)
	n := d.Count()
	if n == 0 || len(d.b.days)+n > d.limit.Days {
		d.bad = true
	}
	for ; n > 0 && d.good(); n-- {
		step, more := d.Varint(), d.Varint()
		if step <= 0 || step > math.MaxUint16 || more < 0 || more > math.MaxUint32 {
			d.bad = true
			break
		}
		at, sum = at+step, sum+more
		if at > int64(lastDay) || sum > math.MaxUint32 {
			d.bad = true
			break
		}
		d.b.days, d.b.sums = append(d.b.days, day(at)), append(d.b.sums, uint32(sum))
	}
	r.to = uint32(len(d.b.days))
	return r
}
