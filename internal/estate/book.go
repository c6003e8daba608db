package estate

// book collects entries; what several places say about one thing becomes one entry.
type book[E any] struct {
	list  []E
	at    map[string]int32 // by identity
	names func(*E) names
	fill  func(into, from *E)
}

func newHosts() *book[Asset] {
	return &book[Asset]{at: map[string]int32{}, names: (*Asset).names, fill: (*Asset).fill}
}

func newUsers() *book[Account] {
	return &book[Account]{at: map[string]int32{}, names: (*Account).names, fill: (*Account).fill}
}

func (b *book[E]) add(e E) {
	keys := b.names(&e).same
	for _, k := range keys {
		if id, ok := b.at[k]; ok {
			b.fill(&b.list[id], &e)
			b.claim(keys, id)
			return
		}
	}
	b.list = append(b.list, e)
	b.claim(keys, int32(len(b.list)-1)) // maxRows and the number of files bound it
}

func (b *book[E]) claim(keys []string, id int32) {
	for _, k := range keys {
		if _, ok := b.at[k]; !ok {
			b.at[k] = id
		}
	}
}

// settle joins the entries that know no domain with the one entry of that name which does, and returns all.
func (b *book[E]) settle() []E {
	const several = -1
	owner := map[string]int32{}
	for i := range b.list {
		if n := b.names(&b.list[i]); n.main != "" && len(n.domains) > 0 {
			if _, ok := owner[n.main]; ok {
				owner[n.main] = several
			} else {
				owner[n.main] = int32(i)
			}
		}
	}
	kept := make([]bool, len(b.list))
	for i := range b.list {
		n := b.names(&b.list[i])
		id, ok := owner[n.main]
		if kept[i] = n.main == "" || len(n.domains) > 0 || !ok || id == several; !kept[i] {
			b.join(id, int32(i))
		}
	}
	list := b.list[:0]
	for i := range b.list {
		if kept[i] {
			list = append(list, b.list[i])
		}
	}
	clear(b.list[len(list):])
	return list
}

// join completes entry id with the entry from. The one that was read first has the first word.
func (b *book[E]) join(id, from int32) {
	if from > id {
		b.fill(&b.list[id], &b.list[from])
		return
	}
	e := b.list[from]
	b.fill(&e, &b.list[id])
	b.list[id] = e
}

// names are the spellings by which a machine is found.
func (a *Asset) names() names {
	var n names
	var mem room
	for i, s := range append([]string{a.Name, a.FQDN}, a.Aliases...) {
		if s == "" || i == 0 && a.isRange() {
			continue
		}
		sp := spellHost(mem[:0], s)
		n.add(sp)
		if n.main == "" {
			n.main = string(sp.short)
		}
		if i < 2 && len(sp.domain) > 0 {
			n.same = append(n.same, string(sp.short)+"."+string(sp.domain))
		}
	}
	if n.main != "" && len(n.domains) == 0 {
		n.same = append(n.same, "bare "+n.main)
	}
	for _, id := range a.CloudIDs {
		n.same = append(n.same, "cloud "+string(fold(nil, id)))
	}
	if len(n.same) == 0 {
		for _, addr := range a.Addresses {
			n.same = append(n.same, addr.String())
		}
		for _, p := range a.Networks {
			n.same = append(n.same, p.String())
		}
	}
	return n
}

// names are the spellings by which an account is found.
func (u *Account) names() names {
	var n names
	var mem room
	for _, s := range u.spellings() {
		sp := spellUser(mem[:0], s.text)
		if !s.whole {
			n.add(sp)
			if n.main == "" {
				n.main = string(sp.short)
			}
		} else if len(sp.full) > 0 {
			n.full = append(n.full, string(sp.full))
		}
		if s.same && len(sp.full) > 0 && (len(sp.domain) > 0 || len(sp.short) == 0 || s.whole) {
			n.same = append(n.same, string(sp.full))
		}
	}
	if n.main != "" && len(n.domains) == 0 {
		n.same = append(n.same, "bare "+n.main)
	}
	return n
}

// spelt is a name as listed: same tells two entries to be one, whole is found by its whole only.
type spelt struct {
	text        string
	same, whole bool
}

func (u *Account) spellings() []spelt {
	var list []spelt
	put := func(text string, same, whole bool) {
		if text != "" {
			list = append(list, spelt{text, same, whole})
		}
	}
	put(u.Name, true, false)
	if u.Name != "" && u.Domain != "" {
		put(u.Domain+`\`+u.Name, true, false)
		put(u.Name+"@"+u.Domain, true, false)
	}
	put(u.UPN, true, false)
	put(u.SID, true, true)
	put(u.DN, true, true)
	for _, s := range u.Aliases {
		put(s, false, false)
	}
	alone := u.Name == "" && u.UPN == ""
	for _, s := range u.Mail {
		put(s, alone, !alone) // a mailbox may serve several accounts
	}
	return list
}
