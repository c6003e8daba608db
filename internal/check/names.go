package check

import (
	"math"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/triage"
)

// What the spelling of a domain name gives away: made up by a program, carrying data, or made to be mistaken for another.
//
// Source: ATT&CK T1568.002, T1071.004, T1583.001; the frequencies of letter pairs in English (Norvig, 2013, computed
// from public n-gram counts); Spamhaus' and Interisle's yearly statistics of abused top level domains; RFC 1035, RFC 3492.

// nameReading is what a name says; the weight is 0 when it says nothing.
type nameReading struct {
	weight triage.Weight
	says   string
}

type nameReader struct{ tables func() *nameTables }

type nameTables struct {
	pairs  [26][26]bool
	risky  map[string]bool
	quiet  map[string][]string // by their last label, or their last two
	brands []brand
	near   [32]uint64 // length -> brands of that length or one more or less
	first  [32]uint64 // letter&31 -> brands that begin with it
	last   [32]uint64 // letter&31 -> brands that end with it
}

// brand is a well-known name, and how it reads with its digits taken for letters.
type brand struct{ name, plain string }

func newNameReader() *nameReader {
	return &nameReader{sync.OnceValue(newNameTables)}
}

func newNameTables() *nameTables {
	t := &nameTables{risky: map[string]bool{}, quiet: map[string][]string{}}
	const common = "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearacelichllbemasiomurcaeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowageiewheewiemadolrtpowenaulnitsmoowpaimmiaishirsuidosiviaamficivipligtuevldrympfeblabghtyopwosaayexkefrooavagifapgrodbosprddoucbueiovbyrmepttocfaefcurnscgidayocrcldugaquueffbaeylsvaumppuauplugohtruugdsltpircrregauckewmubrbiptakpuuirgibtlnykirkysobmmfuphogmsyeudmbipuboirlgudrhrcctwftwnnuafnneovorvgnsmflizoknlmyglawjuoaeqsyslpsjonvnkkngshyzeksskswzaziyukukoka"
	for i := 0; i+1 < len(common); i += 2 {
		t.pairs[common[i]-'a'][common[i+1]-'a'] = true
	}
	for tld := range strings.FieldsSeq("biz top xyz zip mov tk ml ga cf gq icu cyou sbs buzz click link rest monster quest cam bond lol pw su work surf loan men party gdn kim wang stream download racing review") {
		t.risky[tld] = true
	}
	for q := range strings.FieldsSeq(".arpa .local .lan .internal .localdomain .corp .home .cloudfront.net .amazonaws.com .azure.com .windows.net .azureedge.net .azurefd.net .akamai.net .akamaiedge.net .akamaihd.net .edgekey.net .edgesuite.net .fastly.net .googleusercontent.com .googleapis.com .gvt1.com .gvt2.com .1e100.net .trafficmanager.net .office.com .office365.com .outlook.com .microsoft.com .windowsupdate.com .spamhaus.org .spamhaus.net .sophosxl.net .mcafee.com .trendmicro.com .barracudabrts.com .surbl.org .uribl.com .apple.com .icloud.com .facebook.com .fbcdn.net .googlevideo.com .cedexis-radar.net .svc.cluster.local .elb.amazonaws.com") {
		t.quiet[lastTwo(q[1:])] = append(t.quiet[lastTwo(q[1:])], q)
	}
	digits := strings.NewReplacer("0", "o", "3", "e", "5", "s")
	for i, b := range strings.Fields("microsoft google amazon paypal facebook instagram netflix linkedin dropbox docusign outlook office365 whatsapp telegram coinbase binance mastercard americanexpress wellsfargo citibank santander github cloudflare icloud adobe salesforce servicenow") {
		t.brands = append(t.brands, brand{b, digits.Replace(b)})
		t.first[b[0]&31] |= 1 << i
		t.last[b[len(b)-1]&31] |= 1 << i
		for n := len(b) - 1; n <= len(b)+1; n++ {
			t.near[n] |= 1 << i
		}
	}
	return t
}

// lastTwo are the last two labels of a name, or its only one.
func lastTwo(name string) string {
	return name[strings.LastIndexByte(name[:max(0, strings.LastIndexByte(name, '.'))], '.')+1:]
}

func (r *nameReader) read(name string) nameReading {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if !isName(name) {
		return nameReading{}
	}
	if strings.HasSuffix(name, ".onion") {
		return nameReading{1300, "a name that only exists inside Tor"}
	}
	t, tld := r.tables(), name[strings.LastIndexByte(name, '.')+1:]
	if t.isQuiet(name, tld) || t.isQuiet(name, lastTwo(name)) {
		return nameReading{}
	}
	label := registered(name)
	switch {
	case carriesData(name):
		return nameReading{1100, "a name so long that it carries data"}
	case t.imitates(label):
		return nameReading{1200, "a name made to be mistaken for a well-known one"}
	case t.madeUp(label):
		return nameReading{800, "a name that looks made up by a program"}
	case strings.HasPrefix(label, "xn--"):
		return nameReading{250, "a name that holds letters of another script"}
	case t.risky[tld]:
		return nameReading{200, "a name under a top level domain that is often abused"}
	}
	return nameReading{}
}

func (t *nameTables) isQuiet(name, end string) bool {
	for _, q := range t.quiet[end] {
		if strings.HasSuffix(name, q) || name == q[1:] {
			return true
		}
	}
	return false
}

// isName tells names of more than one label from file names, versions and other texts that stand in a name's place.
func isName(s string) bool {
	before, dots := byte('.'), 0
	for i := range len(s) {
		c := s[i]
		switch {
		case isAlnum(c), c == '-', c == '_':
		case c != '.' || before == '.':
			return false
		default:
			dots++
		}
		before = c
	}
	return dots > 0 && before-'a' <= 25
}

// registered is the label that somebody paid for: example in www.example.com and in www.example.co.uk.
func registered(name string) string {
	last := strings.LastIndexByte(name, '.')
	front := name[:last]
	label := front[strings.LastIndexByte(front, '.')+1:]
	if len(label) < len(front) && len(name)-last == 3 && len(label) <= 3 {
		front = front[:len(front)-len(label)-1]
		label = front[strings.LastIndexByte(front, '.')+1:]
	}
	return label
}

// carriesData tells names whose front is as long and as even as encoded data is.
func carriesData(name string) bool {
	if len(name) < 40 {
		return false
	}
	front := strings.TrimSuffix(name, name[max(0, strings.LastIndex(name, registered(name))-1):])
	longest := ""
	for label := range strings.SplitSeq(front, ".") {
		if len(label) > len(longest) {
			longest = label
		}
	}
	return len(longest) >= 40 && !strings.Contains(longest, "-") && entropy(longest) > 3.2 || len(front) >= 90 && entropy(strings.ReplaceAll(front, ".", "")) > 3.5
}

func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	h := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			h -= p * math.Log2(p)
		}
	}
	return h
}

// madeUp wants a long label whose letter pairs are those of no language, or whose letters and digits are stirred.
func (t *nameTables) madeUp(label string) bool {
	if len(label) < 10 || strings.HasPrefix(label, "xn--") || strings.Contains(label, "-") {
		return false
	}
	known, pairs, changes, digits, run, longest := 0, 0, 0, 0, 0, 0
	for i := range len(label) {
		c := label[i]
		digit := c-'0' <= 9
		if digit {
			digits++
		}
		if !digit && !isVowel(c) {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
		if i == 0 {
			continue
		}
		if before := label[i-1]; before-'a' <= 25 && c-'a' <= 25 {
			pairs++
			if t.pairs[before-'a'][c-'a'] {
				known++
			}
		} else if digit != (before-'0' <= 9) {
			changes++
		}
	}
	switch {
	case digits == len(label):
		return false
	case digits >= 3 && changes >= 4:
		return true
	case pairs < 9 || entropy(label) < 2.9:
		return false
	}
	share := float64(known) / float64(pairs)
	return share < 0.55 || share < 0.7 && longest >= 5
}
