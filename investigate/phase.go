package investigate

import (
	"math/bits"
	"strings"
)

// Phases are tactics of ATT&CK, one bit each, in the order in which an intrusion passes through them.
type Phases uint16

// phases lists for each tactic the techniques that stand for it alone; one that serves several stands with the first that it
// usually serves. Source: MITRE ATT&CK Enterprise (attack.mitre.org).
func phases() [14][2]string {
	return [...][2]string{
		{"reconnaissance", "T1595 T1592 T1589 T1590 T1591 T1598 T1597 T1596 T1593 T1594"},
		{"resource development", "T1583 T1584 T1586 T1587 T1588 T1608 T1650"},
		{"initial access", "T1190 T1133 T1566 T1189 T1195 T1199 T1200 T1091"},
		{"execution", "T1059 T1203 T1204 T1047 T1053 T1569 T1106 T1129 T1559 T1609 T1610 T1651 T1648 T1072"},
		{"persistence", "T1547 T1543 T1546 T1505 T1136 T1098 T1176 T1197 T1037 T1137 T1554 T1542 T1525 T1556 T1574"},
		{"privilege escalation", "T1548 T1134 T1068 T1055 T1484 T1611"},
		{"evasion", "T1027 T1140 T1036 T1070 T1218 T1216 T1127 T1220 T1564 T1014 T1202 T1207 T1211 T1221 T1497 T1562 T1222 T1553 T1620 T1685 T1686"},
		{"credential access", "T1003 T1110 T1555 T1552 T1558 T1557 T1056 T1187 T1212 T1528 T1539 T1606 T1621 T1649 T1040"},
		{"discovery", "T1087 T1082 T1083 T1016 T1018 T1033 T1046 T1049 T1057 T1069 T1135 T1201 T1482 T1007 T1012 T1124 T1518 T1526 T1538 T1580 T1615 T1619"},
		{"lateral movement", "T1021 T1550 T1570 T1210 T1534 T1563 T1080"},
		{"collection", "T1005 T1039 T1074 T1113 T1114 T1115 T1119 T1123 T1125 T1213 T1530 T1560 T1602"},
		{"command and control", "T1071 T1105 T1090 T1095 T1102 T1104 T1132 T1001 T1008 T1219 T1568 T1571 T1572 T1573"},
		{"exfiltration", "T1041 T1048 T1567 T1020 T1029 T1030 T1011 T1052 T1537"},
		{"impact", "T1486 T1490 T1485 T1489 T1491 T1496 T1498 T1499 T1495 T1529 T1531 T1561 T1565 T1657"},
	}
}

// phaseOf is the phase of a technique or one below it; 0 for those unknown.
func phaseOf(technique string) Phases {
	id, _, _ := strings.Cut(technique, ".")
	if len(id) != len("T1059") {
		return 0
	}
	for i, p := range phases() {
		if strings.Contains(p[1], id) {
			return 1 << i
		}
	}
	return 0
}

// follows tells whether later goes on where earlier was: its last phase lies behind the last one of earlier. The names are those
// of the two last phases.
func follows(earlier, later Phases) (from, to string, ok bool) {
	a, b := bits.Len16(uint16(earlier)), bits.Len16(uint16(later))
	if a == 0 || b <= a {
		return "", "", false
	}
	list := phases()
	return list[a-1][0], list[b-1][0], true
}

// name is the first of the phases as ATT&CK's short name: credential-access. What ATT&CK 19 parted into stealth and defense impairment keeps
// the name that products send.
func (p Phases) name() string {
	switch first := p & -p; {
	case p == 0:
		return ""
	case phases()[bits.TrailingZeros16(uint16(first))][0] == "evasion":
		return "defense-evasion"
	}
	return strings.ReplaceAll(phases()[bits.TrailingZeros16(uint16(p))][0], " ", "-")
}

// PhaseOrder is the place of a phase in the course of an intrusion, from 0, however it is spelled; what is no phase comes last.
func PhaseOrder(name string) int {
	name = strings.ToLower(strings.ReplaceAll(name, "-", " "))
	switch name {
	case "defense evasion", "stealth", "defense impairment":
		name = "evasion"
	}
	list := phases()
	for i := range list {
		if list[i][0] == name {
			return i
		}
	}
	return len(list)
}
