//go:build !windows

package term

import "os"

// speaksANSI reports whether the terminal f understands escape sequences; outside Windows every one does unless TERM
// says otherwise.
func speaksANSI(*os.File) bool { return true }
