// Package respond makes plans of cases and carries them out: containment, eradication, recovery. A plan is a document that does
// nothing. It names every action with its reason, target, risk and way back, and has one digest that an approval names.
//
// The machine does what it can undo, and only that. Every other action is a task for a person: no executor exists for it, by type.
// Targets are explicit values out of the case; what is protected is refused with the reason, never left out. Planning is pure: no
// clock, no I/O. Drivers are elsewhere (internal/drive), and so is the record of what was done (internal/casebook).
//
// Start with Catalogue, Propose, Plan and Apply.
package respond
