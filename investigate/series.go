package investigate

import (
	"maps"
	"slices"
	"time"
)

// series are the edges between verdicts of one rule that are one event going on. Chance does not come into it, as it does for other
// links: what fires every hour is no coincidence when it fires in the next, and is still one thing to look at.
func (x *index) series() []edge {
	list := x.beats(nil)
	for i := range x.holdings {
		if h := &x.holdings[i]; h.entity.Kind == "rule" && len(h.minutes(x.verdicts))*rarelyOn <= x.minutes() {
			list = x.simultaneous(h, list)
		}
	}
	return list
}

// beats ties what has one fingerprint, as much evidence, and no more than a few hours between one and the next.
func (x *index) beats(list []edge) []edge {
	runs := map[string][]int32{}
	end := func(run []int32) {
		for i := 1; i < len(run) && len(run) >= beats; i++ {
			list = append(list, edge{a: run[i-1], b: run[i], weight: threshold, again: true})
		}
	}
	for i := range x.verdicts {
		v := &x.verdicts[i]
		if v.Fingerprint == "" || v.Score <= v.Base || v.First.IsZero() {
			continue
		}
		run := runs[v.Fingerprint]
		if len(run) > 0 {
			last := &x.verdicts[run[len(run)-1]]
			between, _ := apart(last, v)
			switch {
			case between > again:
				end(run)
				run = nil
			case max(last.Score-v.Score, v.Score-last.Score) > alike:
				continue // something else happened there: the series goes on without it
			}
		}
		runs[v.Fingerprint] = append(run, int32(i))
	}
	for _, fp := range slices.Sorted(maps.Keys(runs)) {
		end(runs[fp])
	}
	return list
}

// simultaneous ties what one seldom rule says at once.
func (x *index) simultaneous(h *holding, list []edge) []edge {
	last := int32(-1)
	for _, m := range h.members {
		v := &x.verdicts[m]
		if v.Score <= v.Base || v.First.IsZero() {
			continue
		}
		if last >= 0 {
			if between, _ := apart(&x.verdicts[last], v); between <= atOnce {
				list = append(list, edge{a: last, b: m, weight: threshold, again: true})
			}
		}
		last = m
	}
	return list
}

// minutes are those in which somebody had the entity.
func (h *holding) minutes(verdicts []Verdict) map[int64]struct{} {
	met := map[int64]struct{}{}
	for _, m := range h.members {
		met[verdicts[m].First.Unix()/int64(time.Minute/time.Second)] = struct{}{}
	}
	return met
}

// minutes is how many the input covers.
func (x *index) minutes() int { return x.all * int(window/time.Minute) }
