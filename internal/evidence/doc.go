// Package evidence keeps copies of what a case stands on in a folder of its own: raw records, decoded scripts, files that a person
// named. A manifest names each copy with its digest, where its bytes stood, when and by whom it was taken.
//
// The folder appears whole or not at all, for its owner's eyes only. Names of copies are made of digests: nothing that an alert wrote
// becomes a path. It knows no case and no casebook: the manifest's digest is for who keeps a journal.
//
// Start with Create, Folder.Add and Verify.
package evidence
