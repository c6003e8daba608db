package investigate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/triage"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func at(id string, minutes int, score triage.Weight, entities ...investigate.Entity) investigate.Verdict {
	t := noon.Add(time.Duration(minutes) * time.Minute)
	return investigate.Verdict{ID: "v-" + id, Alert: id, First: t, Last: t, Score: score, Base: -2944, Entities: entities}
}

func user(name string) investigate.Entity { return investigate.Entity{Kind: "user", Value: name} }
func host(name string) investigate.Entity { return investigate.Entity{Kind: "host", Value: name} }
func hash(name string) investigate.Entity { return investigate.Entity{Kind: "hash", Value: name} }

func rule(name string) investigate.Entity { return investigate.Entity{Kind: "rule", Value: name} }

// beat is a verdict on a busy host that comes again and again.
func beat(id string, minutes int, score triage.Weight) investigate.Verdict {
	v := at(id, minutes, score, host("srv-1"))
	v.Fingerprint = "0badcafe"
	return v
}

// everyday is what goes on besides: weak verdicts, each on one of a few busy hosts, one every ten minutes.
func everyday(n int) (list []investigate.Verdict) {
	for i := range n {
		list = append(list, at(fmt.Sprintf("0%d", i), 10*i-5*n, -2700, host(fmt.Sprintf("srv-%d", i%5)), user(fmt.Sprintf("u%d", i))))
	}
	return list
}

// cases names the clusters with more than one member by their verdicts.
func cases(list []investigate.Verdict, clusters []investigate.Cluster) (named []string) {
	for _, c := range clusters {
		var ids []string
		for _, m := range c.Members {
			ids = append(ids, list[m].ID)
		}
		if len(ids) > 1 {
			named = append(named, strings.Join(ids, " "))
		}
	}
	slices.Sort(named)
	return named
}

func TestCorrelate(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		add  []investigate.Verdict
		want []string
	}{
		"an account and a host that are seldom": {[]investigate.Verdict{
			at("a", 0, 500, user("alice"), host("ws-1")), at("b", 20, 700, user("alice"), host("ws-1")),
		}, []string{"v-a v-b"}},
		"two incidents at once on hosts of their own": {[]investigate.Verdict{
			at("a", 0, 0, user("alice"), hash("x")), at("b", 5, 0, user("alice"), hash("x")),
			at("c", 400, 0, user("bob"), hash("y")), at("d", 405, 0, user("bob"), hash("y")),
		}, []string{"v-a v-b", "v-c v-d"}},
		"a host that is busy every day, and two strong suspicions on it": {[]investigate.Verdict{
			at("a", 0, 1500, host("srv-1")), at("b", 3, 1800, host("srv-1")),
		}, []string{"v-a v-b"}},
		"the same a week apart": {[]investigate.Verdict{
			at("a", 0, 1500, host("srv-1")), at("b", 7*24*60, 1800, host("srv-1")),
		}, nil},
		"no evidence, however seldom what it shares": {[]investigate.Verdict{
			at("a", 0, -2944, user("alice"), host("ws-1")), at("b", 1, -2944, user("alice"), host("ws-1")),
		}, nil},
		"little evidence on an account that is seldom, minutes from much of it": {[]investigate.Verdict{
			at("a", 0, 1500, user("alice")), at("b", 10, -2300, user("alice")),
		}, []string{"v-a v-b"}},
		"the same on a host that is busy every day": {[]investigate.Verdict{
			at("a", 0, 1500, host("srv-1")), at("b", 10, -2700, host("srv-1")),
		}, nil},
		"from host to host by the accounts": {[]investigate.Verdict{
			at("a", 0, 1500, host("srv-1"), user("alice")), at("b", 25, 1700, host("ws-1"), user("alice")), at("c", 40, 1600, host("ws-1"), user("bob")),
		}, []string{"v-a v-b v-c"}},
		"over several hosts with nothing in common but the minute": {[]investigate.Verdict{
			at("a", 0, 1500, host("srv-1")), at("b", 0, 1700, host("ws-1")), at("c", 1, 1600, host("srv-2")),
		}, nil},
		"one rule at once on several hosts": {[]investigate.Verdict{
			at("a", 0, -1500, host("srv-1"), rule("7")), at("b", 0, -2600, host("ws-1"), rule("7")), at("c", 1, -1600, host("srv-2"), rule("7")),
		}, []string{"v-a v-b v-c"}},
		"one rule on several hosts, hours apart": {[]investigate.Verdict{
			at("a", 0, -1500, host("srv-1"), rule("7")), at("b", 90, -2600, host("ws-1"), rule("7")),
		}, nil},
		"every hour the same, once with more around it, and a week later": {[]investigate.Verdict{
			beat("a", 0, -2600), beat("b", 60, -2600), beat("c", 120, 1500), beat("d", 180, -2650), beat("e", 240, -2600), beat("f", 7*24*60, -2600),
		}, []string{"v-a v-b v-d v-e"}},
		"the same twice is chance": {[]investigate.Verdict{beat("a", 0, -2600), beat("b", 170, -2600)}, nil},
	}
	for name, row := range rows {
		list, clusters := investigate.Correlate(append(everyday(400), row.add...))
		if got := cases(list, clusters); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
		once(t, name, list, clusters, len(row.add)+400)
	}
}

// An attack that raises hundreds of strong verdicts does not drown itself: it is seldom in time.
func TestLargeAttackIsOneCase(t *testing.T) {
	t.Parallel()
	list := everyday(400)
	for i := range 300 {
		list = append(list, at(fmt.Sprintf("%x", 4096+i), i/10, triage.Weight(500+i), host(fmt.Sprintf("srv-%d", i%3)), user(fmt.Sprintf("admin-%d", i%2))))
	}
	_, clusters := investigate.Correlate(list)
	if n := len(clusters[0].Members); n != 300 {
		t.Errorf("%d verdicts in the largest case, want 300", n)
	}
}

// A size cap keeps a case one that a person can read.
func TestCaseStopsGrowing(t *testing.T) {
	t.Parallel()
	list := everyday(400)
	for i := range 4100 {
		list = append(list, at(fmt.Sprintf("%x", 8192+i), 0, 1500, user("alice"), host("ws-1")))
	}
	_, clusters := investigate.Correlate(list)
	for _, c := range clusters {
		if len(c.Members) > 2000 {
			t.Errorf("a case of %d verdicts", len(c.Members))
		}
	}
	if n := len(clusters[0].Members); n < 1000 {
		t.Errorf("the first of 4,100 that belong together has %d", n)
	}
}

// once makes sure that every verdict is in exactly one cluster and that its links hold the cluster together.
func once(t *testing.T, name string, list []investigate.Verdict, clusters []investigate.Cluster, want int) {
	t.Helper()
	seen := map[int]bool{}
	for _, c := range clusters {
		if len(c.Links) != len(c.Members)-1 {
			t.Errorf("%s: %d links for %d verdicts", name, len(c.Links), len(c.Members))
		}
		for _, m := range c.Members {
			if seen[m] {
				t.Errorf("%s: %s in two cases", name, list[m].ID)
			}
			seen[m] = true
		}
		for _, l := range c.Links {
			if !slices.Contains(c.Members, l.A) || !slices.Contains(c.Members, l.B) || len(l.Shared) == 0 {
				t.Errorf("%s: link %+v without a reason or out of the case", name, l)
			}
		}
	}
	if len(seen) != want {
		t.Errorf("%s: %d verdicts in cases, want %d", name, len(seen), want)
	}
}

func TestCorrelateKnowsNoOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	list := everyday(60)
	for i := range 60 {
		incident := r.IntN(8)
		list = append(list, at(fmt.Sprintf("%x", 4096+i), 1500*incident+r.IntN(90), triage.Weight(r.IntN(3000)-2000), user(fmt.Sprint("a", incident)), host(fmt.Sprint("h", r.IntN(9))), rule(fmt.Sprint(i%5))))
		list = append(list, beat(fmt.Sprintf("%x", 8192+i), 70*i, -2600))
	}
	first, clusters := investigate.Correlate(slices.Clone(list))
	want := cases(first, clusters)
	if len(want) < 3 {
		t.Fatalf("only %d cases: the list proves nothing", len(want))
	}
	for range 5 {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		again, clusters := investigate.Correlate(slices.Clone(list))
		if got := cases(again, clusters); !slices.Equal(got, want) {
			t.Fatalf("%v\nin another order %v", want, got)
		}
	}
}

func TestCaseKeepsItsIDWhenVerdictsJoin(t *testing.T) {
	t.Parallel()
	list := append(everyday(100), at("a", 0, 900, user("alice"), host("ws-1")), at("b", 20, 700, user("alice"), host("ws-1")))
	more := append(slices.Clone(list), at("c", 50, 2500, user("alice"), host("ws-1")), at("d", 55, 100, user("alice"), host("ws-1")))
	for want, l := range map[int][]investigate.Verdict{2: list, 4: more} {
		_, clusters := investigate.Correlate(l)
		if c := clusters[0]; c.ID != "c-a" || len(c.Members) != want {
			t.Errorf("%s with %d verdicts, want c-a with %d", c.ID, len(c.Members), want)
		}
	}
}

func TestWhatACasebookHoldsTogetherStays(t *testing.T) {
	t.Parallel()
	a, b := at("a", 0, -2900, user("alice")), at("b", 9999, -2900, user("bob"))
	a.Case, b.Case = "c-old", "c-old"
	_, clusters := investigate.Correlate([]investigate.Verdict{a, b})
	if len(clusters) != 1 || clusters[0].ID != "c-old" || len(clusters[0].Links) != 1 || clusters[0].Links[0].Case != "c-old" {
		t.Errorf("%+v", clusters)
	}
}

// The domain of one's own machines and accounts says nothing about who belongs together; another does.
func TestOnesOwnDomainIsEverybodys(t *testing.T) {
	t.Parallel()
	v, err := investigate.ReadVerdict(`{"kind":"verdict","version":1,"id":"v-1","alert":{"id":"1","entities":[
		{"type":"host","value":"WS-1.corp.example"},{"type":"user","value":"alice@mail.example"},{"type":"mail","value":"x@evil.example"},
		{"type":"domain","value":"corp.example"},{"type":"domain","value":"mail.example"},{"type":"domain","value":"CORP"},
		{"type":"domain","value":"evil.example"},{"type":"domain","value":"p.example"}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range v.Entities {
		if e.Kind == "domain" {
			got = append(got, e.Value)
		}
	}
	if want := []string{"evil.example", "p.example"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What a person took apart is not joined again, and not by way of a third either; what belongs to one side still joins that.
func TestWhatAPersonTookApartStaysApart(t *testing.T) {
	t.Parallel()
	a, b, c := at("a", 0, 1500, user("alice"), host("ws-1")), at("b", 2, 1500, user("alice"), host("ws-1")), at("c", 3, 1500, user("alice"), host("ws-1"))
	list := append(everyday(100), a, b, c)
	a.Case, b.Case, b.Apart = "c-a", "c-b", []string{"c-a"}
	parted := append(everyday(100), a, b, c)
	for want, l := range map[string][]investigate.Verdict{"[v-a v-b v-c]": list, "[v-b v-c]": parted} {
		list, clusters := investigate.Correlate(l)
		if got := fmt.Sprint(cases(list, clusters)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestClosedVerdictsAndRepetitionsAreInNoCase(t *testing.T) {
	t.Parallel()
	shut := at("b", 1, 3000, user("alice"))
	shut.Route = triage.Closed
	list, clusters := investigate.Correlate([]investigate.Verdict{at("a", 0, 900, user("alice")), shut, at("a", 0, 900, user("alice"))})
	if len(list) != 1 || len(clusters) != 1 || list[0].ID != "v-a" {
		t.Errorf("%d verdicts in %d cases", len(list), len(clusters))
	}
}

// A verdict that names the tactic after that of another is tied more closely than one in the other order.
func TestPhasesInOrderTie(t *testing.T) {
	t.Parallel()
	weigh := func(first, second string) float64 {
		list := everyday(100)
		for i, technique := range []string{first, second} {
			v, err := investigate.ReadVerdict(fmt.Sprintf(`{"kind":"verdict","version":1,"id":"v-f%d","score":500,"base":-2944,"route":"review","group":{"first_time":"2026-03-14T12:0%d:00Z"},
				"alert":{"id":"f%d","techniques":[%q],"entities":[{"type":"user","role":"actor","value":"CORP\\Alice","path":"u"},{"type":"hash","role":"related","value":"00ff","path":"h"}]}}`, i, i, i, technique))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, v)
		}
		_, clusters := investigate.Correlate(list)
		for _, c := range clusters {
			if len(c.Links) == 1 {
				return c.Links[0].Weight
			}
		}
		t.Fatalf("%s and %s are not linked", first, second)
		return 0
	}
	if there, back := weigh("T1059.001", "T1003"), weigh("T1003", "T1059.001"); there <= back {
		t.Errorf("execution, then credential access %.2f; the other way %.2f", there, back)
	}
}

func BenchmarkCorrelate(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	var list []investigate.Verdict
	for i := range 75_000 {
		list = append(list, at(fmt.Sprintf("%x", i), r.IntN(30*24*60), triage.Weight(r.IntN(6000)-2900),
			host(fmt.Sprint("h", r.IntN(3000))), user(fmt.Sprint("u", r.IntN(5000))), hash(fmt.Sprint(r.IntN(60_000))),
			investigate.Entity{Kind: "ip", Value: fmt.Sprint(r.IntN(3000))}, investigate.Entity{Kind: "rule", Value: fmt.Sprint(r.IntN(200))}))
	}
	for b.Loop() {
		_, clusters := investigate.Correlate(slices.Clone(list))
		b.ReportMetric(float64(len(clusters)), "cases")
	}
}
