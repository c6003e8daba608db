//go:build !race

package sentinel_test

const raced = false
