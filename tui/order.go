package tui

// order is a listing arranged for the screen: with its groups, where the view has some. It is made outside of Update, for it is long.
type order struct {
	Listing
	groups []group
}

// group is the cases that share a rule, host or user, in the order of the listing; groups stand in the order of their first case.
type group struct {
	name    string
	entries []int
}

// arrange makes groups of a listing.
func arrange(l Listing) order {
	o := order{Listing: l}
	if l.View.Group == "" {
		return o
	}
	at := map[string]int{}
	for i := range l.Entries {
		name := l.Entries[i].Group
		g, ok := at[name]
		if !ok {
			g = len(o.groups)
			at[name] = g
			o.groups = append(o.groups, group{name: name})
		}
		o.groups[g].entries = append(o.groups[g].entries, i)
	}
	return o
}

// without leaves cases out: what was decided here after the listing was read is not in it any more.
func (o order) without(gone func(id string) bool) order {
	l := o.Listing
	var kept []Entry
	for i, e := range l.Entries {
		if gone(e.ID) {
			if kept == nil {
				kept = append(make([]Entry, 0, len(l.Entries)), l.Entries[:i]...)
			}
			continue
		}
		if kept != nil {
			kept = append(kept, e)
		}
	}
	if kept == nil {
		return o
	}
	l.Entries = kept
	return arrange(l)
}
