package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// speaksANSI switches the console f to escape sequences and reports whether it can. Consoles before Windows 10 cannot.
func speaksANSI(f *os.File) bool {
	h := windows.Handle(f.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(h, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
