package indicator

import "strings"

// Words that are top-level domains and something else too. A plain name that ends in one of them is believed only where
// nothing speaks for the other reading.
var (
	// common are the top-level domains that names in reports and logs end in most; what joins them to the next word is a slip.
	commonTLDs = words("com net org info biz ru cn top xyz de uk io co eu fr nl br in jp it us edu gov mil onion")

	// files end the names of files and seldom the names of hosts that have but two labels.
	files = words("py sh so rs md zip mov ps pm mk la am cab tf properties java")

	// onlyFiles end names of hosts so seldom that the number of labels does not matter.
	onlyFiles = words("zip mov md tf java properties cab")

	// extensions stand in front of a second extension.
	extensions = words("pdf doc docx xls xlsx ppt pptx jpg jpeg png gif tar min txt exe dll js csv log bak cfg conf test spec py sh so html htm xml json")

	// sometimesFiles do so behind a slash.
	sometimesFiles = words("pl cc ai ac app pub one do in ml st vi run name info")

	// programs are words after which programs name their parts.
	programs = words(`windows stream prod read open next docs drive map save now java shell ping here new dev events report rest run select
		show team call case channel date day direct dot final foo go how like live link media network domains services systems
		tools security support style page pages party place plus search secure site space spot tab tax tech test top total
		trade video watch work works you zone box cloud click codes download exchange help icu info ink int is it land lol
		market menu mobi moe one online parts photo pics play post press pro properties pub review room rocks safe sale school
		science shop social software solutions studio study sync today town vote world abstract`)

	// keys are words that end the names of fields far more often than those of hosts.
	keys = words("id name host email computer data group target sport user")

	// second are the labels below .id that anybody may register under.
	second = words("co go ac or web my sch net biz mil desa")

	// fields are the first words of names of fields and variables.
	fields = words(`agent alert app args as attr cfg client cloud code config conf container context data dataset db dest destination
		device dll dns doc document ecs email entity env error event file form group hash host html http id image input item json key
		kubernetes labels log logger math message meta model module msg name network node obj object observer options org orchestrator
		output package params parent path payload pod process props query record ref registry related req request res resource
		response result rule script self sensor server service session settings source src state string system target task
		this threat tls token trace transaction url user util utils value vulnerability win window winlog`)

	// frameworks are what programmers write so.
	frameworks = words("asp vb ado ml system microsoft newtonsoft node vue next socket e i")

	// reversed begin the names of packages, which are names of domains read backwards.
	reversed = words("com org net io android java javax jakarta kotlin scala edu gov me de")

	// dosPrograms are files of Windows that end in .com.
	dosPrograms = words("chcp command diskcomp diskcopy format mode more tree edit win")
)

type wordSet map[string]bool

func words(s string) wordSet {
	set := wordSet{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

// has ignores case; no word is longer than 20 bytes.
func (w wordSet) has(b []byte) bool {
	var low [20]byte
	if len(b) > len(low) {
		return false
	}
	return w[string(appendLower(low[:0], b))]
}

func common(tld []byte) bool { return commonTLDs.has(tld) }
