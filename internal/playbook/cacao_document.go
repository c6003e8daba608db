package playbook

import "encoding/json"

// scalar is a value of which only its words count: a string as it is, anything else as JSON.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	var v string
	switch {
	case json.Unmarshal(b, &v) == nil:
		*s = scalar(v)
	default:
		*s = scalar(b)
	}
	return nil
}

type otherBook struct {
	Type        string                     `json:"type"`
	SpecVersion string                     `json:"spec_version"`
	ID          string                     `json:"id"`
	Name        string                     `json:"name"`
	Description string                     `json:"description"`
	Revoked     bool                       `json:"revoked"`
	ValidFrom   string                     `json:"valid_from"`
	ValidUntil  string                     `json:"valid_until"`
	Markings    []string                   `json:"markings"`
	External    []otherReference           `json:"external_references"`
	Start       string                     `json:"workflow_start"`
	Exception   string                     `json:"workflow_exception"`
	Workflow    map[string]json.RawMessage `json:"workflow"`
	Variables   map[string]otherVariable   `json:"playbook_variables"`
	Agents      map[string]otherAgent      `json:"agent_definitions"`
	Targets     map[string]otherAgent      `json:"target_definitions"`
	Logins      map[string]json.RawMessage `json:"authentication_info_definitions"`
	Marks       map[string]otherMarking    `json:"data_marking_definitions"`
	Extensions  map[string]json.RawMessage `json:"playbook_extensions"`
	Definitions map[string]cacaoDefinition `json:"extension_definitions"`
	Signatures  []json.RawMessage          `json:"signatures"`
}

type otherReference struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	URL    string `json:"url"`
}

type otherVariable struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Value       scalar `json:"value"`
	Constant    bool   `json:"constant"`
	External    bool   `json:"external"`
}

type otherAgent struct {
	Type    string              `json:"type"`
	Name    string              `json:"name"`
	Address map[string][]scalar `json:"address"`
}

type otherMarking struct {
	Type      string `json:"type"`
	Name      string `json:"name"`
	TLP       string `json:"tlpv2_level"`
	Statement string `json:"statement"`
}

type otherStep struct {
	Type         string                     `json:"type"`
	Name         string                     `json:"name"`
	Description  string                     `json:"description"`
	External     []otherReference           `json:"external_references"`
	Delay        scalar                     `json:"delay"`
	Timeout      scalar                     `json:"timeout"`
	Variables    map[string]otherVariable   `json:"step_variables"`
	OnCompletion string                     `json:"on_completion"`
	OnSuccess    string                     `json:"on_success"`
	OnFailure    string                     `json:"on_failure"`
	Commands     []otherCommand             `json:"commands"`
	Agent        string                     `json:"agent"`
	Targets      []string                   `json:"targets"`
	InArgs       []string                   `json:"in_args"`
	OutArgs      []string                   `json:"out_args"`
	PlaybookID   string                     `json:"playbook_id"`
	Version      string                     `json:"playbook_version"`
	Next         []string                   `json:"next_steps"`
	Condition    string                     `json:"condition"`
	OnTrue       string                     `json:"on_true"`
	OnFalse      string                     `json:"on_false"`
	Switch       string                     `json:"switch"`
	Cases        map[string]string          `json:"cases"`
	Extensions   map[string]json.RawMessage `json:"step_extensions"`
}

type otherCommand struct {
	Type        string              `json:"type"`
	Description string              `json:"description"`
	Command     scalar              `json:"command"`
	B64         string              `json:"command_b64"`
	Version     scalar              `json:"version"`
	Headers     map[string][]scalar `json:"headers"`
	Content     scalar              `json:"content"`
	ContentB64  string              `json:"content_b64"`
	External    []otherReference    `json:"external_references"`
}
