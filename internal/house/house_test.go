package house_test

import (
	"os"
	"testing"

	"github.com/seed-959697dd/soc/internal/house"
)

func TestTheModuleKeepsItsShape(t *testing.T) {
	t.Parallel()
	tree, err := house.Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range tree.Files {
		found = found || f.Path == "internal/house/house_test.go"
	}
	if !found {
		t.Fatal("this file is not among those read: the rules would hold for nothing")
	}
	for _, rule := range house.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			for _, fault := range rule.Find(tree) {
				t.Error(fault)
			}
		})
	}
}
