package cmd

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/internal/config"
)

// placeholder is a word of a hint that stands for a value, with the flag before it where there is one.
var placeholder = regexp.MustCompile(`(--[a-z-]+ )?\b[A-Z][A-Z-]{2,}\b`)

// pasteable puts what the command line said into a hint: the case, plan or verdict, values of flags, and which configuration and casebook
// were meant. What a person has to choose stays in capital letters.
func (a *app) pasteable(hint string, err error) string {
	hint = placeholder.ReplaceAllStringFunc(hint, func(s string) string {
		flag, name, found := strings.Cut(s, " ")
		if !found {
			flag, name = "", s
		}
		value := a.named(name)
		switch flag {
		case "", "--book": // who is asked for another casebook had a wrong one
		case "--reason": // that of another deed
		default:
			value = a.given(flag)
		}
		switch {
		case value == "":
			return s
		case flag != "":
			return flag + " " + shellWord(value)
		}
		return shellWord(value)
	})
	if rest, ok := strings.CutSuffix(hint, " ..."); ok {
		for _, arg := range a.args {
			rest += " " + shellWord(arg)
		}
		return rest
	}
	var wrong *config.Error
	if errors.As(err, &wrong) { // the file is to be mended, whatever is run then
		return hint
	}
	return a.carried(hint)
}

// named is what the command line says a placeholder stands for.
func (a *app) named(name string) string {
	begin := map[string]string{"CASE": "c-", "PLAN": "p-", "VERDICT": "v-"}[name]
	at := slices.IndexFunc(a.args, func(arg string) bool { return begin != "" && strings.HasPrefix(arg, begin) })
	if at < 0 {
		return ""
	}
	return a.args[at]
}

// given is the value of a flag on the command line.
func (a *app) given(flag string) string {
	for i, arg := range a.args {
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg == flag && i+1 < len(a.args) {
			return a.args[i+1]
		}
	}
	return ""
}

// carried adds the configuration and the casebook of this command line to a command of a hint that has none.
func (a *app) carried(hint string) string {
	if !strings.HasPrefix(hint, "soc ") {
		return hint
	}
	words := strings.Fields(hint)[1:]
	if end := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") }); end >= 0 {
		words = words[:end]
	}
	c, _, err := newRoot(&app{}).Find(words)
	if err != nil || !strings.HasPrefix(hint, c.CommandPath()) {
		return hint
	}
	rest := strings.TrimPrefix(hint, c.CommandPath())
	add := func(flag string) string {
		value := a.given("--" + flag)
		if value == "" || c.Flag(flag) == nil && flag == "book" || strings.Contains(rest+" ", " --"+flag+" ") || strings.Contains(rest, "--no-"+flag) || strings.Contains(rest, "--help") {
			return ""
		}
		return " --" + flag + " " + shellWord(value)
	}
	return "soc" + add("config") + strings.TrimPrefix(c.CommandPath(), "soc") + add("book") + rest
}

// shellWord writes a text as one word of a POSIX shell.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r))
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
