package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"
)

// Pulsed is the message that the time has come to look at the casebook.
func Pulsed() tea.Msg { return pulseMsg{} }

// Clashes are the keys that mean two things on one screen.
func Clashes() (list []string) {
	for _, on := range []place{onQueue, onCase, onRaw, onPlan} {
		met := map[string]act{}
		for _, b := range bindings() {
			for _, k := range b.keys {
				if b.on&on == 0 {
					continue
				}
				if other, ok := met[k]; ok {
					list = append(list, fmt.Sprintf("%q means %d and %d on screen %d", k, other, b.act, on))
				}
				met[k] = b.act
			}
		}
	}
	return list
}
