// Package prompt asks a language model about one alert and reads its answer as the words of a stranger.
//
// What is sent: instructions that are equal for all alerts come first, what changes comes last, so that a provider's prefix cache holds
// the rest. The alert is one block of JSON between two lines that carry a mark nobody without this machine's key can guess. For
// a model elsewhere everything that identifies the estate is replaced first (package redact), and a request in which something
// remains is not made.
//
// What comes back: one JSON object of a strict shape. Each claim must cite a path of the alert and the text found there; those that do
// not hold are dropped and counted. What is left can raise a verdict, within a cap, and nothing else: a Raise has no sign (promise
// P6). The model's confidence and its prose count nothing.
//
// The package opens no connection and keeps no answers; adapters below internal/model implement Model. Start with New, Composer.Ask,
// Question.Read and Signal.
package prompt
