package investigate

import (
	"encoding/hex"

	"github.com/seed-959697dd/soc/internal/wire"
)

// appendConclusions appends artifacts, findings, recommended actions and open questions; what there is none of is absent.
func (k *Case) appendConclusions(b []byte) []byte {
	if len(k.Artifacts) > 0 {
		b = append(wire.Key(b, "artifacts"), '[')
		for i := range k.Artifacts {
			a := &k.Artifacts[i]
			b = wire.Text(append(wire.Comma(b), '{'), "name", a.Name)
			b = wire.Word(b, "sha256", hex.EncodeToString(a.Digest[:]))
			b = wire.Int(b, "bytes", a.Bytes)
			b = append(wire.Text(b, "from", a.From), '}')
		}
		b = append(b, ']')
	}
	if len(k.Findings) > 0 {
		b = append(wire.Key(b, "findings"), '[')
		for i := range k.Findings {
			b = k.Findings[i].appendJSON(wire.Comma(b))
		}
		b = append(b, ']')
	}
	if len(k.Recommended) > 0 {
		b = append(wire.Key(b, "recommended"), '[')
		for i := range k.Recommended {
			b = k.Recommended[i].appendJSON(wire.Comma(b))
		}
		b = append(b, ']')
	}
	if k.Prose != nil {
		b = k.Prose.AppendJSON(b)
	}
	return wire.Texts(b, "questions", k.Questions)
}

func (f *Finding) appendJSON(b []byte) []byte {
	b = wire.Word(append(b, '{'), "part", string(f.Part))
	b = wire.Text(b, "phase", f.Phase)
	b = wire.Text(b, "sentence", f.Sentence)
	return append(wire.Texts(b, "cites", f.Cites), '}')
}

func (a *Advice) appendJSON(b []byte) []byte {
	b = wire.Word(append(b, '{'), "action", a.Action)
	b = wire.Word(append(wire.Key(b, "target"), '{'), "type", a.Target.Type)
	b = append(wire.Text(b, "value", a.Target.Value), '}')
	b = wire.Word(b, "phase", a.Phase)
	b = wire.Text(b, "why", a.Why)
	b = wire.Text(b, "risk", a.Risk)
	return append(wire.Texts(b, "cites", a.Cites), '}')
}
