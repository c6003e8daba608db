package baseline

import (
	"net/netip"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// read collects what an alert tells. Learning and checking both call it: what is compared was read alike.
func (l *facts) read(a *alert.Alert, c *Countries) {
	l.readUser(a, c)
	l.readProcess(a)
	l.readDestination(a)
	l.readRegion(a)
}

func (l *facts) readUser(a *alert.Alert, c *Countries) {
	who := principal(a)
	if who == nil {
		return
	}
	name := userName(who.Value)
	if name == "" {
		return
	}
	if at := a.First(alert.SlotTime); at != nil && !a.Time.IsZero() {
		l.add(user, hour, name, hours[a.Time.UTC().Hour()], [3]*alert.Field{at, who})
	}
	from := a.First(alert.EntitySlot(alert.Source, alert.IP))
	l.readCountry(a, c, name, who, from)
	if from != nil {
		if addr, err := netip.ParseAddr(from.Value); err == nil && !addr.IsLoopback() && !addr.IsLinkLocalUnicast() {
			l.add(user, address, name, addr.String(), [3]*alert.Field{from, who})
			l.add(user, network, name, networkOf(addr).String(), [3]*alert.Field{from, who})
		}
	}
	on := a.First(alert.EntitySlot(alert.Source, alert.Host))
	if on == nil {
		on = a.First(alert.EntitySlot(alert.Target, alert.Host))
	}
	if on != nil {
		l.add(user, device, name, hostName(on.Value), [3]*alert.Field{on, who})
	}
	l.readCall(a, name, who)
}

func (l *facts) readCountry(a *alert.Alert, c *Countries, name string, who, from *alert.Field) {
	for f := range a.Each(alert.SlotCountry) {
		// Firewalls name the country of both ends; this is about where somebody came from.
		if last := strings.ToLower(string(f.Path[strings.LastIndexByte(string(f.Path), '.')+1:])); strings.Contains(last, "dst") || strings.Contains(last, "dest") {
			continue
		}
		value, dim := strings.ToLower(strings.TrimSpace(f.Value)), countryName
		if len(value) == 2 {
			dim = country
		}
		l.add(user, dim, name, value, [3]*alert.Field{f, who})
		return
	}
	if c == nil || from == nil {
		return
	}
	if addr, err := netip.ParseAddr(from.Value); err == nil {
		l.add(user, country, name, c.Of(addr), [3]*alert.Field{from, who})
	}
}

// readCall reads a call of a control plane: an operation in a cloud account or region. Process telemetry has operations too.
// Products have words of their own for what happens in them, which are not compared with each other's; whoever tells of a call to a
// large cloud uses that cloud's.
func (l *facts) readCall(a *alert.Alert, name string, who *alert.Field) {
	op := a.First(alert.SlotOperation)
	if op == nil || a.First(alert.SlotAccount) == nil && a.First(alert.SlotRegion) == nil || a.First(alert.EntitySlot(alert.Actor, alert.Process)) != nil {
		return
	}
	by := a.First(alert.SlotService)
	if by == nil {
		by = a.First(alert.SlotProvider)
	}
	words, service := a.Format, ""
	if by != nil {
		service = strings.ToLower(by.Value)
		for _, cloud := range [...]struct{ suffix, name string }{{".amazonaws.com", "aws"}, {".googleapis.com", "google-cloud"}} {
			if rest, ok := strings.CutSuffix(service, cloud.suffix); ok {
				words, service = cloud.name, rest
			}
		}
		service += ":"
	}
	l.add(user, call, name+" in "+words, service+strings.ToLower(op.Value), [3]*alert.Field{op, who})
}

func (l *facts) readProcess(a *alert.Alert) {
	ran := a.First(alert.EntitySlot(alert.Actor, alert.Process))
	if ran == nil {
		return
	}
	path, base := split(ran.Value)
	if base == "" || base[0] == '<' { // <unknown process>
		return
	}
	l.add(everyone, process, "", base, [3]*alert.Field{ran})
	on, name := endpoint(a), ""
	if on != nil {
		name = hostName(on.Value)
		l.add(host, process, name, base, [3]*alert.Field{ran, on})
	}
	if path != "" {
		l.add(program, folder, base, fold(path), [3]*alert.Field{ran})
	}
	by := a.First(alert.SlotParent)
	if by == nil {
		return
	}
	_, parent := split(by.Value)
	if parent == "" || parent[0] == '<' {
		return
	}
	l.add(everyone, pair, "", parent+">"+base, [3]*alert.Field{ran, by})
	if on != nil {
		l.add(host, pair, name, parent+">"+base, [3]*alert.Field{ran, by, on})
	}
}

// readDestination reads where a connection or a question for a name went, if that is outside and somebody inside went there.
func (l *facts) readDestination(a *alert.Alert) {
	from := a.First(alert.EntitySlot(alert.Source, alert.IP))
	if from != nil && public(from.Value) {
		return
	}
	to, dim, value := outside(a)
	if to == nil {
		return
	}
	l.add(everyone, dim, "", value, [3]*alert.Field{to})
	on := a.First(alert.EntitySlot(alert.Source, alert.Host))
	if a.First(alert.EntitySlot(alert.Actor, alert.Process)) != nil {
		on = endpoint(a) // who tells of a process runs on the machine
	}
	if on == nil {
		on = from
	}
	if on != nil {
		l.add(host, dim, hostName(on.Value), value, [3]*alert.Field{to, on})
	}
}

func (l *facts) readRegion(a *alert.Alert) {
	in, where := a.First(alert.SlotAccount), a.First(alert.SlotRegion)
	if in != nil && where != nil {
		l.add(account, region, strings.ToLower(in.Value), regionName(where.Value), [3]*alert.Field{where, in})
	}
}
