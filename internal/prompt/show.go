package prompt

import "strconv"

// Show prints a request as it would be sent: the messages whole and in their order, then the settings beside them.
func Show(r Request) []byte {
	b := append([]byte("== system ==\n"), r.System...)
	b = append(append(append(b, "== user ==\n"...), r.Shared...), r.Alert...)
	b = append(append(b, "== schema ==\n"...), r.Schema...)
	b = append(b, "\n== settings ==\nmax_tokens "...)
	b = append(strconv.AppendInt(b, int64(r.MaxTokens), 10), " seed "...)
	b = append(strconv.AppendInt(b, int64(r.Seed), 10), " temperature 0\nkey (not sent) "...)
	return append(append(b, r.Key.String()...), '\n')
}
