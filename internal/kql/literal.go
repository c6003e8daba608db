package kql

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// Literal writes a text as one string literal of KQL, in double quotes, whatever the text holds. What is not printable becomes \uXXXX;
// bytes that are no UTF-8 become U+FFFD, which is what JSON would make of them on the way.
//
// Source: https://learn.microsoft.com/kusto/query/scalar-data-types/string, the section on string literals.
func Literal(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				escape(&b, unit)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}

func escape(b *strings.Builder, unit uint16) {
	const digits = "0123456789abcdef"
	b.WriteString(`\u`)
	for shift := 12; shift >= 0; shift -= 4 {
		b.WriteByte(digits[unit>>shift&15])
	}
}

// moment writes a time as KQL does, to its seven digits.
func moment(t time.Time) string {
	return "datetime(" + t.UTC().Format("2006-01-02T15:04:05.0000000Z") + ")"
}

// Span is a window as the query APIs want it: absolute, so that a query means the same whenever it is read again.
func Span(from, to time.Time) string {
	return from.UTC().Format(time.RFC3339Nano) + "/" + to.UTC().Format(time.RFC3339Nano)
}
