// Package investigate makes cases of verdicts: what belongs together, why, what is known about it, and what else happened. Verdicts that a
// person is to see go in, each comes out in exactly one case, and every link that put two of them together keeps its reason.
// From what a case names it goes on through a Source of logs, hop by hop; every event it takes in says why.
//
// It reads no file, keeps no state and knows no clock: the same verdicts and the same records lead to the same cases, whatever their
// order. It decides nothing about a verdict and merges nothing that a person took apart; that is the casebook's. How logs are searched
// is the Source's.
//
// Start with ReadVerdict, Correlate and NewCase, then Pursuit.Pursue, and last Case.Conclude. A pursuit keeps its records in a pool; in every
// round a follower goes through them anew, from the alerts of each case (seedOf) over processes (processes.go) and values (values.go,
// relate.go), until nothing is added; what it then lacks is the next question.
package investigate
