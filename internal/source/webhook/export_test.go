package webhook

import "time"

// Look has a hook look at the pace of bodies that often.
func (h *Hook) Look(every time.Duration) { h.look = every }
