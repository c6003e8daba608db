//go:build race

package check_test

// raceDetector is on: it allocates where the program does not.
const raceDetector = true
