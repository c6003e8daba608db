package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/model/ollama"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/prompt/probe"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// measure asks a model about the shipped probes, keeps what came out and returns what there is to say.
func (a *app) measure(ctx context.Context, name string) ([]render.Check, error) {
	s, err := a.settings("")
	if err != nil {
		return nil, err
	}
	conf, ok := s.Models[name]
	if !ok {
		return nil, s.unknownModel(name, "soc doctor")
	}
	if len(conf.Cascade) > 0 {
		return nil, usage(fmt.Errorf("%s is a cascade: its models are measured one by one", name), "soc doctor --model "+conf.Cascade[0])
	}
	set := probe.Settings{Remote: !local(&conf), Now: a.Now, TooLong: ollama.ErrTooLong, Told: a.told(name)}
	if set.Model, err = a.client(name, &conf); err != nil {
		return nil, err
	}
	key, err := a.promptKey(modelOptions{}, true)
	if err != nil {
		return nil, err
	}
	slots, err := slotsOf(name, &conf)
	if err != nil {
		return nil, err
	}
	if set.Composer, err = prompt.New(prompt.Settings{Key: key, MaxTokens: conf.MaxTokens, Slots: slots}); err != nil {
		return nil, err
	}
	if set.Formats, err = alert.NewSet(alert.Options{Now: a.Now()}); err != nil {
		return nil, err
	}
	r, err := probe.Measure(ctx, set)
	if err != nil && ctx.Err() == nil {
		return nil, &failure{fmt.Errorf("measuring model %s: %w", name, err), statusFailed, mendModel(err, &conf)}
	} else if err != nil {
		return nil, err
	}
	record := recordFor(&conf, set.Composer)
	record.At, record.Ratios = a.Now().UTC().Format(time.RFC3339), r.Ratios()
	record.Fit, record.Why = r.Fit()
	return a.conclude(name, r, record)
}

// told shows on a terminal how far the measurement is.
func (a *app) told(name string) func(done, of int) {
	if !a.IO.ErrTTY {
		return nil
	}
	return func(done, of int) {
		line := fmt.Sprintf("model %s: %d of %d answers", term.Clean(name), done, of)
		if done == of {
			line = strings.Repeat(" ", len(line)) + "\r"
		}
		fmt.Fprint(a.IO.Err, "\r"+line)
	}
}

// conclude keeps the record and says whether the model is fit.
func (a *app) conclude(name string, r *probe.Result, record probe.Record) ([]render.Check, error) {
	kept := "its weight is kept in "
	dir, err := a.stateDir()
	if err == nil {
		file := recordsFile(dir)
		all, err := probe.Read(file)
		if err != nil {
			all = probe.Records{} // a file that cannot be read is of no use to anybody
		}
		all[name] = record
		if err := all.Write(file); err != nil {
			return nil, err
		}
		kept += file
	} else {
		kept = "its weight is not kept: neither a home nor a state directory is known"
	}
	var list []render.Check
	for _, f := range r.Findings() {
		c := render.Check{Name: "model " + name + " " + f.Name, OK: f.OK, Detail: f.Detail, Hint: f.Hint}
		if !f.OK {
			c.Class = alert.Failed
		}
		list = append(list, c)
	}
	end := fine("model "+name, "fit to be a witness; "+kept)
	end.Hint = "soc triage --model " + name + " alerts.json"
	if !record.Fit {
		end = render.Check{Name: end.Name, Class: alert.Failed, Detail: "not fit to be a witness; " + kept, Hint: "soc triage --model " + noModel + " alerts.json"}
	}
	return append(list, end), nil
}

func recordsFile(stateDir string) string { return filepath.Join(stateDir, "models.json") }

// recordFor names what a record is about.
func recordFor(conf *config.Model, composer *prompt.Composer) probe.Record {
	return probe.Record{Provider: conf.Provider, URL: addressOf(conf), Model: conf.Model, Prompt: composer.Digest()}
}

// measured gives the witness the weight that was measured. Its digest names that: other ratios are other verdicts.
func (r *run) measured(w *witness) {
	w.digest = w.name + " " + w.conf.Model
	record, err := r.app.recordOf(w.name, &w.conf)
	if err != nil {
		r.stands.Gaps = append(r.stands.Gaps, alert.Gap{Check: prompt.Check, Source: w.name, Class: alert.Failed, Reason: "its measured weight is not used: " + err.Error()})
		return
	}
	if record == nil {
		return
	}
	w.ratios = record.Ratios
	if text, err := json.Marshal(record.Ratios); err == nil { // numbers always marshal
		sum := sha256.Sum256(text)
		w.digest += " ratios " + hex.EncodeToString(sum[:6])
	}
	if !record.Fit {
		fmt.Fprintf(r.app.IO.Err, "soc: model %s was measured as not fit: %s\n", term.Clean(w.name), term.Clean(strings.Join(record.Why, "; ")))
	}
}
