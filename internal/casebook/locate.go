package casebook

import (
	"errors"
	"path/filepath"
	"runtime"
)

// Locate says where the casebook is: the file that was named, else $SOC_BOOK, else book.db in the user's state
// directory. env reads the environment.
func Locate(named string, env func(string) string) (string, error) {
	if named != "" {
		return named, nil
	}
	if p := env("SOC_BOOK"); p != "" {
		return p, nil
	}
	dir, err := stateDir(runtime.GOOS, env)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "soc", "book.db"), nil
}

var errHomeless = errors.New("no place for the casebook: neither a home nor a state directory is known")

func stateDir(system string, env func(string) string) (string, error) {
	// The specification of XDG says that a relative path there is to be ignored.
	if dir := env("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	if system == "windows" {
		if dir := env("LocalAppData"); dir != "" {
			return dir, nil
		}
		return "", errHomeless
	}
	home := env("HOME")
	switch {
	case home == "":
		return "", errHomeless
	case system == "darwin":
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "state"), nil
}
