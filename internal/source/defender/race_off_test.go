//go:build !race

package defender_test

const raced = false
