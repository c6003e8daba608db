// Package investigate makes cases of verdicts: what belongs together, why, and what is known about it. Verdicts that a person is
// to see go in, each comes out in exactly one case, and every link that put two of them together keeps its reason.
//
// It reads no file, keeps no state and asks nobody: the same verdicts lead to the same cases, whatever their order. It decides
// nothing about a verdict and merges nothing that a person took apart; that is the casebook's. It does not look into logs.
//
// Start with ReadVerdict, Correlate and NewCase.
package investigate
