package postgres

import (
	"errors"
	"testing"
)

// Serve starts a server that ends with the test. Where none is installed the test is skipped, or fails when it is required.
func Serve(t testing.TB, required bool) *Server {
	t.Helper()
	s, err := Start()
	if errors.Is(err, ErrAbsent) && !required {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}
