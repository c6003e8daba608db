package sigma

import "embed"

//go:embed rules/*.yml
var ownRules embed.FS

// Own is the tree of the rules that come with the program.
func Own() Tree { return Tree{Name: "soc", FS: ownRules} }
