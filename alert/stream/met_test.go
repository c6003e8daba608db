package stream_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/seed-959697dd/soc/alert/stream"
)

func TestAnInputThatDoesNotOpen(t *testing.T) {
	open := func() (io.ReadCloser, error) { return nil, fs.ErrPermission }
	var gaps []stream.Gap
	keep := func(b stream.Batch) error {
		gaps = append(gaps, b.Gaps...)
		return nil
	}
	if err := stream.Read(context.Background(), stream.Source{Name: "named", Open: open}, stream.Limits{}, keep); !errors.Is(err, fs.ErrPermission) || gaps != nil {
		t.Errorf("named: %v, %v", err, gaps)
	}
	if err := stream.Read(context.Background(), stream.Source{Name: "met", Open: open, Met: true}, stream.Limits{}, keep); err != nil || len(gaps) != 1 || gaps[0].Input != "met" {
		t.Errorf("met in a directory: %v, %v", err, gaps)
	}
}
