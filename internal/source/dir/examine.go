package dir

import (
	"context"
	"fmt"
	"os"

	"github.com/seed-959697dd/soc/internal/web"
)

var _ web.Examiner = (*Dir)(nil)

// Examine implements web.Examiner.
func (d *Dir) Examine(context.Context) []web.Finding {
	hint := "mkdir -p " + d.set.Path
	info, err := os.Stat(d.set.Path)
	switch {
	case err != nil:
		return []web.Finding{{Name: "reach", Detail: err.Error(), Hint: hint}}
	case !info.IsDir():
		return []web.Finding{{Name: "reach", Detail: d.set.Path + " is no directory", Hint: hint}}
	}
	entries, err := os.ReadDir(d.set.Path)
	if err != nil {
		return []web.Finding{{Name: "reach", Detail: err.Error(), Hint: "ls -ld " + d.set.Path}}
	}
	return []web.Finding{{Name: "reach", OK: true, Detail: fmt.Sprintf("%s holds %d entries", d.set.Path, len(entries))}}
}
