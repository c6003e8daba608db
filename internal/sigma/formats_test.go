package sigma_test

import (
	"sync"

	"github.com/seed-959697dd/soc/alert"
)

var formats = sync.OnceValues(func() (*alert.Set, error) { return alert.NewSet(alert.Options{}) })
