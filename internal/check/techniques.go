package check

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// How telling an ATT&CK technique is when a product tags an alert with it. Tags are generous: discovery and valid
// accounts are tagged on everyday events, credential dumping and encryption for ransom hardly ever.
//
// Source: MITRE ATT&CK Enterprise v20 (attack.mitre.org). Since v19 the tactic Defense Evasion is two: Stealth (TA0005)
// and Defense Impairment (TA0112); products still send the old name.

type techniques struct {
	titles  *titleReader
	known   map[string]technique
	tactics []tactic
}

type technique struct {
	weight triage.Weight
	tactic uint16 // one bit
	says   string
}

type tactic struct {
	weight triage.Weight
	names  []string // folded, letters only; the id last
	bit    uint16
}

// Techniques reads technique ids and tactics.
func Techniques() triage.Check { return techniquesOf(newTables()) }

func techniquesOf(shared *tables) triage.Check {
	t := &techniques{titles: shared.titles, known: map[string]technique{}}
	for i, row := range techniqueTable() {
		bit := uint16(1) << i
		t.tactics = append(t.tactics, tactic{row.weight, strings.Fields(row.names), bit})
		for entry := range strings.FieldsSeq(row.techniques) {
			id, weight, _ := strings.Cut(entry, "=")
			n, _ := strconv.ParseInt(weight, 10, 32) // the table's own text; a test reads every row
			t.known["T"+id] = technique{triage.Weight(n), bit, mapped + "T" + id}
		}
	}
	return t
}

func (*techniques) Name() string { return "techniques" }

// mapped is what is said of a technique, before its id.
const mapped = "the product maps it to "

func (c *techniques) Check(a *alert.Alert, note func(triage.Signal)) {
	if t, field, id, tactics := c.strongest(a); field != nil {
		best := t.weight
		if best >= 600 && c.titles.doubts(a) {
			best /= 2 // who is not sure of the deed is not sure of its technique
		}
		says := t.says
		if len(says) != len(mapped)+len(id) { // known by its parent only
			says = mapped + id
		}
		note(triage.Note("techniques", triage.Technique, best, says, citable(field, id), field))
		if n := bits.OnesCount16(tactics); n >= 3 {
			note(triage.Note("techniques", triage.Technique, 400, "it spans "+strconv.Itoa(n)+" tactics", "", field))
		}
		return
	}
	var best tactic
	var field *alert.Field
	for f := range a.Each(alert.SlotTactic) {
		if t := c.tactic(f.Value); t.weight > best.weight {
			best, field = t, f
		}
	}
	if field != nil {
		note(triage.Note("techniques", triage.Technique, best.weight, "the product files it under a tactic of attacks", "", field))
	}
}

// strongest returns the most telling technique, the field that names it, and the tactics of all.
func (c *techniques) strongest(a *alert.Alert) (best technique, field *alert.Field, id string, tactics uint16) {
	for _, t := range a.Techniques {
		known := c.find(t)
		tactics |= known.tactic
		if known.weight <= best.weight {
			continue
		}
		for f := range a.Each(alert.SlotTechnique) {
			if citable(f, t) != "" {
				best, field, id = known, f, t
				break
			}
		}
	}
	return best, field, id, tactics
}

func (c *techniques) find(id string) technique {
	if t, ok := c.known[id]; ok {
		return t
	}
	if t, ok := c.known[parentOf(id)]; ok {
		return t
	}
	return technique{weight: 100}
}

func parentOf(id string) string {
	id, _, _ = strings.Cut(id, ".")
	return id
}

// citable returns the id as the field spells it: T1059/001 and t1059.001 are read as T1059.001.
func citable(f *alert.Field, id string) string {
	for at := 0; at+len(id) <= len(f.Value); at++ {
		s := f.Value[at : at+len(id)]
		if s == id || strings.EqualFold(strings.Replace(s, "/", ".", 1), id) {
			return s
		}
	}
	return ""
}

// tactic reads a tactic's name, however it is spelled: Credential Access, credential-access, CredentialAccess, TA0006.
// Of a list the latest stage counts.
func (c *techniques) tactic(name string) tactic {
	var folded [256]byte
	n := 0
	for i := 0; i < len(name) && n < len(folded); i++ {
		if isAlnum(name[i]) {
			folded[n] = lowerASCII(name[i])
			n++
		}
	}
	text := string(folded[:n])
	var best tactic
	for _, t := range c.tactics {
		for _, word := range t.names {
			if t.weight > best.weight && strings.Contains(text, word) {
				best = t
			}
		}
	}
	return best
}

func lowerASCII(c byte) byte {
	if c-'A' <= 25 {
		c |= 0x20
	}
	return c
}

type techniqueRow struct {
	weight     triage.Weight // of the tactic alone; early stages are tagged too often to say anything
	names      string
	techniques string
}

func techniqueTable() []techniqueRow {
	return []techniqueRow{
		{100, "reconnaissance ta0043", "1595=400 1595.002=500 1595.003=500 1592=200 1589=200 1590=200 1598=900 1594=200"},
		{0, "resourcedevelopment ta0042", "1583=300 1584=300 1587=300 1588=500 1608=500"},
		{300, "initialaccess ta0001", "1190=1200 1133=400 1566=1300 1566.001=1400 1566.002=1200 1566.003=1000 1566.004=1000 1189=1300 1195=1300 1199=500 1200=900 1091=700 1078=200 1078.001=300 1078.004=300"},
		{250, "execution ta0002", "1059=300 1059.001=400 1059.003=300 1059.004=300 1059.005=600 1059.006=300 1059.007=500 1203=1200 1204=500 1204.002=700 1047=700 1053=300 1053.005=300 1053.003=300 1569=500 1569.002=700 1106=500 1129=400 1559=500 1609=700 1610=600 1651=700 1648=500 1072=400"},
		{350, "persistence ta0003", "1547=700 1547.001=700 1543=700 1543.003=700 1546=900 1546.003=1200 1546.008=1400 1546.012=1200 1546.015=1000 1505=900 1505.003=2000 1505.004=1500 1136=500 1136.001=500 1098=500 1098.001=800 1098.004=900 1176=500 1197=700 1037=700 1137=900 1554=1100 1542=1500 1525=900 1556=1400 1574=800 1574.001=800 1574.002=1000 1112=400"},
		{400, "privilegeescalation ta0004", "1548=400 1548.001=500 1548.002=1200 1548.003=300 1134=1100 1134.001=1200 1068=1500 1055=1500 1055.001=1500 1055.012=1800 1484=500 1484.001=600 1484.002=1200 1611=1600"},
		{300, "stealth defenseevasion defenceevasion ta0005", "1027=700 1027.010=900 1140=900 1036=600 1036.003=900 1036.005=800 1070=1100 1070.001=1800 1070.002=1400 1070.003=1100 1070.004=300 1070.006=1300 1218=800 1218.005=1100 1218.010=1100 1218.011=700 1216=900 1127=900 1220=1200 1564=800 1564.001=500 1564.003=700 1564.004=1100 1014=1900 1202=700 1207=2200 1211=1200 1221=1200 1480=600 1497=800 1578=700 1599=1100 1600=1100 1620=1500 1622=800 1656=700"},
		{600, "defenseimpairment impairdefenses ta0112", "1562=1500 1562.001=1600 1562.002=1600 1562.003=1000 1562.004=900 1562.006=1300 1562.007=900 1562.008=1600 1562.009=1400 1222=500 1553=900 1553.004=1000 1553.005=900 1601=1300 1685=1500 1685.001=1600 1685.002=1600 1685.005=1800 1686=900 1687=1300 1688=1400 1689=1100 1690=1000"},
		{600, "credentialaccess ta0006", "1003=1600 1003.001=2000 1003.002=1800 1003.003=2200 1003.004=1700 1003.006=2300 1003.008=1200 1110=600 1110.001=600 1110.003=1000 1110.004=900 1555=1300 1555.003=1300 1552=800 1552.001=700 1552.004=900 1552.005=1200 1552.007=900 1558=1700 1558.001=2500 1558.003=1700 1558.004=1700 1557=1300 1557.001=1400 1056=1300 1056.001=1400 1111=900 1187=1200 1212=1300 1528=1000 1539=1300 1606=1500 1621=1300 1649=1200 1040=600"},
		{50, "discovery ta0007", "1087=200 1082=150 1083=100 1016=150 1018=200 1033=150 1046=400 1049=150 1057=100 1069=250 1069.002=350 1135=250 1201=250 1482=500 1007=100 1012=100 1124=100 1518=150 1518.001=300 1526=200 1538=150 1580=200 1613=250 1614=200 1615=250 1619=250"},
		{700, "lateralmovement ta0008", "1021=500 1021.001=400 1021.002=700 1021.003=1000 1021.004=300 1021.006=600 1550=1500 1550.002=2000 1550.003=1800 1550.001=900 1570=1100 1210=1500 1534=1100 1563=1200 1080=800"},
		{300, "collection ta0009", "1005=400 1039=400 1074=800 1113=700 1114=700 1114.003=1100 1115=600 1119=700 1123=700 1125=700 1213=400 1530=700 1560=700 1560.001=800 1602=800"},
		{900, "commandandcontrol commandcontrol ta0011", "1071=500 1071.001=500 1071.004=800 1105=900 1090=700 1090.003=1000 1095=700 1102=800 1104=900 1132=800 1001=900 1008=800 1219=600 1568=1100 1568.002=1300 1571=600 1572=1100 1573=700 1659=1100"},
		{1000, "exfiltration ta0010", "1041=1300 1048=1300 1048.003=1300 1567=1300 1567.002=1300 1020=1100 1029=900 1030=800 1011=1000 1052=700 1537=1400"},
		{1200, "impact ta0040", "1486=2500 1490=2200 1485=1800 1489=900 1491=1500 1496=1400 1498=800 1499=700 1495=1900 1529=500 1531=1100 1561=2200 1565=600 1565.001=300 1657=1400"},
	}
}
