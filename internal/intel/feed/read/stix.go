package read

import (
	"encoding/json"
	"fmt"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// STIX 2.0 and 2.1 bundles, and the envelopes of TAXII 2, which are alike. Only indicators are read; what they are related to is
// not. Source: OASIS, STIX Version 2.1, sections 4.7 and 7.2; the identifiers of TLP 2.0 from the STIX extension for it.

type stixObject struct {
	Type        string   `json:"type"`
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Pattern     string   `json:"pattern"`
	PatternType string   `json:"pattern_type"`
	Kinds       []string `json:"indicator_types"`
	Labels      []string `json:"labels"`
	Created     string   `json:"created"`
	Modified    string   `json:"modified"`
	From        string   `json:"valid_from"`
	Until       string   `json:"valid_until"`
	Revoked     bool     `json:"revoked"`
	Confidence  int      `json:"confidence"`
	Markings    []string `json:"object_marking_refs"`
	References  []struct {
		URL string `json:"url"`
	} `json:"external_references"`
	Definition struct {
		TLP string `json:"tlp"`
	} `json:"definition"` // of a marking
}

// markings are the well-known marking definitions, of TLP 1 and of TLP 2.
var markings = map[string]ioc.TLP{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": ioc.Clear,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": ioc.Green,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": ioc.Amber,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": ioc.Red,
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": ioc.Clear,
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": ioc.Green,
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": ioc.Amber,
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": ioc.AmberStrict,
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": ioc.Red,
}

// maxMarkings bounds the definitions that one bundle may bring along.
const maxMarkings = 1000

func (r *reader) stix() error {
	own := map[string]ioc.TLP{} // definitions of the bundle itself, as far as they stand before their use
	want := func(path string) step {
		switch path {
		case "", ".objects", "[]", "[].objects":
			return descend
		case ".objects[]", "[].objects[]":
			return take
		}
		return pass
	}
	return r.walk(want, func(_ string, raw json.RawMessage, at place) error {
		var o stixObject
		if err := json.Unmarshal(raw, &o); err != nil {
			return r.reject(at, raw, "no STIX object: "+err.Error())
		}
		if tlp, ok := ioc.TLPOf(o.Definition.TLP); ok && o.Type == "marking-definition" && len(own) < maxMarkings {
			own[o.ID] = tlp
		}
		if o.Type != "indicator" {
			return nil
		}
		if o.Revoked {
			r.skip()
			return nil
		}
		return r.stixIndicator(&o, own, at, raw)
	})
}

func (r *reader) stixIndicator(o *stixObject, own map[string]ioc.TLP, at place, raw []byte) error {
	if o.PatternType != "" && o.PatternType != "stix" {
		r.skip() // a rule for another engine
		return nil
	}
	atoms, err := parsePattern(o.Pattern)
	if err != nil {
		return r.reject(at, raw, fmt.Sprintf("%s: %v", ioc.Cut(o.ID, 80), err))
	}
	about := o.about(own)
	for _, a := range atoms {
		in := about
		in.Type, in.Value, in.Tags = a.typ, a.value, append([]string(nil), about.Tags...)
		if a.part && !a.typ.Hash() {
			if in.Confidence == 0 {
				in.Confidence = r.o.Confidence
			}
			if in.Confidence == 0 {
				in.Confidence = usualConfidence
			}
			in.Confidence = max(1, in.Confidence/2) // the pattern asks for more than this value alone
		}
		if err := r.keep(&in, at, raw); err != nil {
			return err
		}
	}
	return nil
}

// about is what an indicator says about all values of its pattern.
func (o *stixObject) about(own map[string]ioc.TLP) ioc.Indicator {
	in := ioc.Indicator{Confidence: uint8(min(max(o.Confidence, 0), 100)), First: moment(o.From), Until: moment(o.Until)}
	if in.First.IsZero() {
		in.First = moment(o.Created)
	}
	in.Last = moment(o.Modified)
	for _, kind := range append(o.Kinds, o.Labels...) {
		switch kind {
		case "malicious-activity", "compromised":
			in.Verdict = ioc.Malicious
		case "anomalous-activity", "anonymization":
			in.Verdict = max(in.Verdict, ioc.Suspicious)
		case "benign":
			in.Verdict = max(in.Verdict, ioc.Benign)
		}
	}
	in.AddTag(o.Name)
	for _, label := range o.Labels {
		in.AddTag(label)
	}
	for _, ref := range o.References {
		in.Refer(ref.URL)
	}
	in.Refer(o.ID)
	for _, id := range o.Markings {
		in.TLP = max(in.TLP, markings[id], own[id])
	}
	return in
}
