package web

import (
	"io"
	"log" //nolint:depguard // http.Server takes no other
)

// ErrorLog makes what an http.Server tells its trouble with connections to. Each Write is one message; a nil writer drops them.
func ErrorLog(to io.Writer) *log.Logger {
	if to == nil {
		to = io.Discard
	}
	return log.New(to, "", 0)
}
