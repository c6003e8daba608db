package check

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Text that speaks to whoever reads the alert: a model that is to be steered, an analyst who is to look away. No product
// and no honest event has a reason to write so, and it can only raise. What passes here unseen is still harmless by
// construction (no text of an attacker lowers anything); this check makes the attempt itself visible.
//
// Source: OWASP Top 10 for LLM applications (LLM01 prompt injection), MITRE ATLAS AML.T0051 and AML.T0054, the chat templates of
// Llama, Mistral, Gemma and ChatML, Unicode TR36 and TR39 (bidirectional controls, confusables), CVE-2021-42574.

type tampering struct {
	rules *ruleset
	plain *strings.Replacer
	memo  *memory[textReading]
	prose *slotTable
}

// textReading is the gravest thing found in one text, by offsets.
type textReading struct {
	weight   triage.Weight
	says     string
	from, to int
}

// Tampering reads every text of the alert.
func Tampering() triage.Check {
	return &tampering{newRuleset(tamperRules), strings.NewReplacer("а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ј", "j", "ѕ", "s",
		"ο", "o", "α", "a", "\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "", "\u200e", "", "\u200f", ""), newMemory[textReading](), tableOf(proseIn)}
}

func (*tampering) Name() string { return "tampering" }

// maxTampering bounds how often one alert says it: an attacker repeats himself.
const maxTampering = 3

func (c *tampering) Check(a *alert.Alert, note func(triage.Signal)) {
	said := [maxTampering]string{}
	n := 0
	for i := range a.Fields {
		f := &a.Fields[i]
		if n == maxTampering {
			break
		}
		kind := c.prose[f.Slot]
		if kind == noProse || len(f.Value) < minProse {
			continue
		}
		var r textReading
		if kind == usualProse {
			r = c.memo.get(f.Value, c.read)
		} else {
			r = c.read(f.Value)
		}
		if r.weight == 0 || r.says == said[0] || r.says == said[1] {
			continue
		}
		said[n] = r.says
		n++
		note(triage.Note("tampering", triage.Tampering, r.weight, r.says, f.Value[r.from:r.to], f))
	}
	if len(a.Ambiguous) > 0 && len(a.Fields) > 0 {
		note(triage.Note("tampering", triage.Tampering, 800, "two readers of this alert could see two alerts: "+a.Ambiguous[0], "", ambiguousField(a)))
	}
}

// minProse is from which length on a text can hold a sentence, in bytes.
const minProse = 12

// What a slot's texts are to this check.
const (
	noProse    uint8 = iota
	prose            // read each time
	usualProse       // those that come again and again: remembered
)

// proseIn leaves out what cannot hold a sentence: numbers, addresses, hashes, ids.
func proseIn(s alert.Slot, typ alert.EntityType) uint8 {
	switch s {
	case alert.SlotID, alert.SlotTime, alert.SlotRuleID, alert.SlotSeverity, alert.SlotTechnique, alert.SlotEventCode, alert.SlotCount, alert.SlotLogonType,
		alert.SlotHTTPStatus, alert.SlotBytesIn, alert.SlotBytesOut, alert.SlotSourcePort, alert.SlotTargetPort, alert.SlotCVE, alert.SlotVendor, alert.SlotProduct:
		return noProse
	}
	switch {
	case typ == alert.IP, typ == alert.Hash, typ == alert.Port:
		return noProse
	case repeats(s), s == alert.EntitySlot(alert.Observer, alert.Host):
		return usualProse
	}
	return prose
}

// repeats tells the slots whose texts come again and again in a queue; a memory for others would cost more than it saves.
func repeats(s alert.Slot) bool {
	switch s {
	case alert.SlotRuleName, alert.SlotTitle, alert.SlotCategory, alert.SlotProvider, alert.SlotUserAgent, alert.SlotTactic, alert.SlotThreat:
		return true
	}
	_, typ := s.Entity()
	return typ == alert.Process
}

// ambiguousField is the field that the ambiguity is about, when it names one.
func ambiguousField(a *alert.Alert) *alert.Field {
	for i := range a.Fields {
		if p := a.Fields[i].Path; p != "" && strings.Contains(a.Ambiguous[0], string(p)) {
			return &a.Fields[i]
		}
	}
	return &a.Fields[0]
}

// maxSteering bounds how much of one text is read, in bytes.
const maxSteering = 32 << 10

func (c *tampering) read(s string) textReading {
	s = s[:min(len(s), maxSteering)]
	best := c.gravest(s)
	if len(s) < minSteering && isASCII(s) {
		return best // too short for what follows
	}
	if !isASCII(s) {
		if r := c.gravest(c.plain.Replace(s)); r.weight > best.weight {
			best = textReading{r.weight, r.says + ", behind look-alike or invisible letters", 0, len(s)}
		}
	}
	if r := c.encoded(s); r.weight > best.weight {
		best = r
	}
	if from, to := repetition(s); to > 0 && best.weight < 900 {
		best = textReading{900, "the same word over and over, as texts do that want to exhaust a reader", from, to}
	}
	return best
}

func isASCII(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if eight(s)&0x8080808080808080 != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (c *tampering) gravest(s string) (best textReading) {
	c.rules.match(s, func(m found) {
		if m.weight > best.weight {
			best = textReading{m.weight, m.says, m.from, m.to}
		}
	})
	return best
}

// minSteering is from which length on base64 can hold a sentence.
const minSteering = 32

// encoded reads what stands in base64, up to three pieces of it.
func (c *tampering) encoded(s string) (best textReading) {
	if len(s) < minSteering {
		return best
	}
	left := 3
	for from := 0; from < len(s) && left > 0; {
		to := from
		for to < len(s) && isBase64(s[to]) {
			to++
		}
		if to-from >= minSteering {
			left--
			b, err := base64.RawStdEncoding.DecodeString(s[from : from+(to-from)/4*4])
			if err == nil && utf8.Valid(b) {
				if r := c.gravest(string(b)); r.weight > best.weight {
					best = textReading{r.weight, r.says + ", written in base64", from, to}
				}
			}
		}
		from = to + 1
	}
	return best
}

func isBase64(c byte) bool { return isAlnum(c) || c == '+' || c == '/' }

// repetition finds forty times the same word in a row.
func repetition(s string) (from, to int) {
	if len(s) < 200 {
		return 0, 0
	}
	last, run, at := "", 0, 0
	for word := range strings.FieldsSeq(s) {
		at += strings.Index(s[at:], word)
		if word != last || len(word) < 3 || !isAlnum(word[0]) || word[0] <= '9' {
			last, run, from = word, 0, at
		}
		if run++; run == 40 {
			return from, from + len(word)
		}
		at += len(word)
	}
	return 0, 0
}

func tamperRules() []rule {
	const gap = `[\W_]+`
	const some = `(?:\w+[\W_]+){0,5}?`
	const marks = "it holds the marks that separate speakers in a model's prompt"
	return []rule{
		{
			2300, "it tells its reader to forget what it was told", "ignore|disregard|forget|overlook|override|neglect + instruction|prompt|directive|guideline|rules|told|instructed|programming",
			`(?:ignore|disregard|forget|overlook|override|neglect)` + gap + some + `(?:previous|prior|above|preceding|earlier|all|any|your|these|those|you|the` + gap + `system|the` + gap + `(?:previous|prior|above|preceding|instructions))` + gap + `?` + some + `(?:instructions?|instructed|prompts?|directives?|guidelines?|rules|told|programming|given)(?:[\W_]|$)`,
		},
		{2100, "it tells its reader to forget what it was told", "disregard|ignore + above|previous + and", `(?:disregard|ignore)` + gap + `(?:all` + gap + `)?(?:of` + gap + `)?the` + gap + `(?:above|previous)` + gap + `and\b`},
		{2000, "it tells its reader to leave its task and write something else", "ignore|disregard|forget + <print|<state|<say|reply|respond|output|<write", `\b(?:ignore|disregard|forget)` + gap + `(?:\w+[\W_]+){1,4}?(?:and` + gap + `)?(?:just` + gap + `|only` + gap + `|instead` + gap + `)?(?:print|state|say|reply|respond|output|write)` + gap + `(?:that|with|the|only|exactly|\w+:|["'])`},
		{2000, "it holds a turn of a conversation in the shape models are given", "\"role\"|'role' + system|assistant", `["']role["']\s*:\s*["'](?:system|assistant)["']\s*,\s*["']content`},
		{
			2200, "it gives its reader a role", "act as|acting as|you are now|you're now|pretend|from now on|roleplay|role-play|immerse yourself|simulate + assistant|<ai>|model|<dan>|chatgpt|<gpt|hacker|persona|analyst|administrator|<root>|unrestricted|do anything now",
			`(?:\bact` + gap + `as|acting` + gap + `as|you` + gap + `are` + gap + `now|you're` + gap + `now|pretend(?:ing)?` + gap + `(?:to` + gap + `be|you)|from` + gap + `now` + gap + `on` + gap + `you|role-?play(?:ing)?` + gap + `as|immerse` + gap + `yourself|simulate)` + gap + some + `(?:assistant|ai|(?:language|ai)` + gap + `model|dan|chatgpt|gpt\w*|hacker|persona|analyst|(?:system` + gap + `)?administrator|root|unrestricted` + gap + `(?:ai|assistant|mode))\b`,
		},
		{
			2000, "it asks for its reader's own instructions", "system prompt|initial prompt|hidden prompt|your prompt|original prompt|system instructions|above prompt|preceding prompt",
			`(?:reveal|show|print|repeat|output|leak|tell|what` + gap + `is|what's|what` + gap + `are|display|expose|give|forget|ignore)` + gap + some + `(?:system|initial|hidden|your|original|above|preceding)` + gap + `(?:prompt|instructions)`,
		},
		{400, "it speaks of the prompt of a model", "system prompt|prompt injection|jailbreak", ""},
		{1700, "it switches its reader into another mode", "developer mode|<dan mode|god mode|debug mode|do anything now|unrestricted mode|admin mode", `(?:enter|enable|activate|switch(?:ed)?` + gap + `(?:in)?to|you` + gap + `are` + gap + `(?:now` + gap + `)?in|stands` + gap + `for)` + gap + some + `(?:developer|dan|god|debug|admin|unrestricted)` + gap + `mode|stands` + gap + `for` + gap + `do` + gap + `anything` + gap + `now`},
		{
			2300, "it tells its reader what to conclude", "false positive|benign|harmless|not malicious|legitimate|false_positive|<safe>|informational|low severity|low priority|no threat|authorized|authorised|whitelist|allowlist + mark|classif|treat|label|<flag|<rate|consider|respond|conclude|categori|<set|assign|answer|recommend",
			`\b(?:mark|classify|treat|label|flag|rate|consider|respond|reply|answer|conclude|categori[sz]e|set|assign)` + gap + `(?:\w+[\W_]+){0,7}?(?:false` + gap + `positive|benign|harmless|safe|not` + gap + `malicious|legitimate|informational|low` + gap + `(?:severity|priority|risk)|no` + gap + `threat|authori[sz]ed|whitelisted|allowlisted|approved)\b|recommend(?:ed)?` + gap + `(?:action` + gap + `)?close`,
		},
		{
			2000, "it tells its reader to look away", "do not|don't|never|no need to|should be|must be|ignore|suppress + escalat|alert|investigat|<flag|triage|whitelist|allowlist|ignored|suppressed|warning|detection",
			`(?:do` + gap + `not|don't|never|no` + gap + `need` + gap + `to)` + gap + `(?:escalate|flag|investigate|triage|raise` + gap + `(?:an?` + gap + `)?alert|alert` + gap + `(?:on|the|any))\b|(?:should|must|can)` + gap + `be` + gap + `(?:whitelisted|allowlisted|ignored|suppressed|disregarded)|\bignore[\W_]+(?:(?:this|these|security)[\W_]+){1,2}(?:alerts?|warnings?|detections?|events?|findings?)(?:[\W_]|$)|\bignore[\W_]+(?:(?:the|all)[\W_]+)?alerts?(?:[\W_]|$)|whitelist` + gap + `this`,
		},
		{
			1900, "it claims to be a note for the analyst or the model", "analyst|override|system note|security team|dear ai|attention ai|language model|<llm>|chatgpt|ai assistant|ai model|as an ai",
			`(?:note|message|instruction)s?` + gap + `(?:to|for)` + gap + `(?:the` + gap + `)?(?:soc` + gap + `|security` + gap + `)?(?:analyst|ai|model|llm|assistant)\b|(?:hidden` + gap + `)?analyst[\W_]+(?:override|notes?\s*[:\-])|security[\W_]+(?:team[\W_]+)?(?:analysis[\W_]+)?override|x-soc-instructions|system` + gap + `note` + gap + `:?\s*this|(?:dear|attention|hey|hello|hi|as` + gap + `an)` + gap + `(?:ai|llm|chatgpt|gpt|language` + gap + `model|ai` + gap + `(?:assistant|model))\b|(?:ai|llm)` + gap + `(?:assistant|model|analyst)s?` + gap + `(?:must|should|reading|processing|analy[sz]ing|please)`,
		},
		{
			1000, "it claims that somebody has approved of it", "pre-approved|pre-authorized|pre-authorised|authorized|authorised|approved|sanctioned + penetration|pentest|red team|security test|maintenance|simulation|assessment|exercise",
			`(?:authori[sz]ed|approved|sanctioned)` + gap + `(?:(?:it|security|internal|corporate|phishing|social|engineering)` + gap + `){0,2}(?:penetration|pentest|red` + gap + `team|security` + gap + `test|it` + gap + `maintenance|maintenance|phishing` + gap + `simulation|assessment|exercise)`,
		},
		{
			2000, "it gives its reader a new task", "new instruction|updated instruction|new task|your task|respond only|reply only|output only|answer only|instead of|instead output|end of user|end of input|end of alert|end of log|new directive|reply with|respond with|output the text|and nothing else",
			`(?:new|updated|revised)` + gap + `(?:instructions?|directives?)(?:\s*:|` + gap + `(?:follow|are)\b)|your` + gap + `(?:new` + gap + `|only` + gap + `)task` + gap + `is|(?:respond|reply|answer|output)` + gap + `(?:only` + gap + `(?:with|the)|with` + gap + `(?:only|exactly|the` + gap + `word)|instead` + gap + `of|the` + gap + `text)|instead` + gap + `(?:output|respond|reply|print|say)\b|end` + gap + `of` + gap + `(?:user` + gap + `|alert` + gap + `|log` + gap + `)(?:input|data|content|prompt)|and` + gap + `nothing` + gap + `else`,
		},
		{
			2400, marks, "im_start|im_end|endoftext|eot_id|begin_of_text|start_header|[inst]|[/inst]|sys>>|start_of_turn|end_of_turn|### instruction|### system|### response|###instruction|### human|### assistant",
			`<\|/?\w+\|>|<\|(?:im_|start|end)|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|###\s?(?:instructions?|system|response|human|assistant)\b`,
		},
		{2400, marks, "system|instructions|override|assistant|user", `<(?:\|/?\w+\|>|(?:override|assistant)>|(?:system|system_prompt|instructions)>\s*[^<\s])`},
		{1800, "it continues a conversation with a model", "assistant:|human:|system:", `(?:^|[\n\r.!?"'-])\s*(?:assistant|human)\s*:\s*\S|system\s*:\s*(?:you\b|new\b|ignore|override|instruction)`},
		{1800, "it holds a verdict in the shape a program would read", "disposition|verdict|classification|is_malicious", `["'](?:disposition|verdict|classification)["']\s*:\s*["'](?:benign|false_?positive|benign_?positive|not_malicious)|["']is_malicious["']\s*:\s*false`},
		{1300, "it holds a picture that would carry data away when it is shown", "](http", `!\[[^\]]*\]\(https?://[^)]*(?:\?|\{\{)`},
		{2100, "it tells its reader, in German, to forget what it was told", "ignorier|vergiss|vergessen|missacht + anweisung|befehl|vorgabe|instruktion|regeln|aufgabe", `(?:ignorier|vergiss|vergessen|missacht)\w*\W+(?:\S+\s+){0,5}?(?:anweisung|befehl|vorgabe|instruktion|regeln|aufgabe)`}, //nolint:misspell // German
		{2100, "it tells its reader, in French, to forget what it was told", "ignore|oublie + instructions|consignes|directives + précéd|precedent|toutes|antérieur|vos|tes|les", `(?:ignore[rz]?|oublie[rz]?)\W+(?:\S+\s+){0,4}?(?:(?:instructions|consignes|directives)\s+(?:pr[ée]c[ée]d|ant[ée]r)|(?:toutes|vos|tes|les)\s+(?:\S+\s+){0,2}?(?:instructions|consignes|directives))`},
		{2100, "it tells its reader, in Spanish, Portuguese or Italian, to forget what it was told", "ignora|ignore|olvida|olvide|esque|dimentica + instrucciones|instrucções|instruções|instrucoes|istruzioni|órdenes|indicaciones", ""},
		{2100, "it tells its reader, in Russian, to forget what it was told", "гнориру|абудь|ренебрег + инструкц|указани|команд|правил|предыдущ", ""},
		{2100, "it tells its reader, in Chinese, to forget what it was told", "忽略|无视|忘记|忽視|無視 + 指令|指示|之前|以上|提示|規則|规则", ""},
		{2000, "it tells its reader what to conclude", "fehlalarm|faux positif|falso positivo|ложное срабатывание|误报 + markier|stufe|einstufen|behandle|marque|classe|marca|clasifi|отметь|пометь|标记|归类", ""},
		{1800, "it tells its reader, letters shifted by thirteen, to forget what it was told", "vtaber|qvfertneq|sbetrg + vafgehpgvba|cebzcg|ehyrf", ""},
		{2300, "it holds letters that no screen shows", "\U000E0020|\U000E0041|\U000E0061|\U000E0065|\U000E0069|\U000E006F|\U000E0074", ""},
		{2000, "it turns the direction in which it is read", "\u202a|\u202b|\u202d|\u202e|\u2066|\u2067|\u2068", ""},
		{1500, "it holds marks without width inside words", "\u200b|\u2060|\u2062|\u2063|\u2064|\ufeff|\u00ad", `[a-z][\x{200b}\x{2060}-\x{2064}\x{feff}\x{ad}]+[a-z]`},
		{1500, "it holds letters of another script inside a Latin word", "а|е|о|р|с|у|х|і|ј|ѕ|ο|α", `[a-z]+[аеорсухіјѕοα]+[a-z]*[аеорсухіјѕοα]*[a-z]+`},
	}
}
