package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// FileName is the name under which a configuration is looked for.
const FileName = "soc.yaml"

// Find loads the configuration of a run: the file that flag names, else $SOC_CONFIG, else soc.yaml in the user's
// configuration directory, where it may be absent. Besides that last one a soc.yaml in cwd may set display and formats; who names a file
// means that file alone. used are the files that were read.
func Find(flag string, env func(string) string, cwd string) (c *Config, used []string, err error) {
	c = &Config{}
	path, named := flag, true
	if path == "" {
		path = env("SOC_CONFIG")
	}
	if path == "" {
		path, named = Home(env), false
	}
	if path != "" {
		got, err := Load(path)
		switch {
		case err == nil:
			c, used = got, []string{path}
		case named || !errors.Is(err, fs.ErrNotExist):
			return nil, nil, err
		}
	}
	if named {
		return c, used, nil
	}
	return local(c, used, filepath.Join(cwd, FileName))
}

// local adds what the working directory may say. It is a folder of evidence as often as not: only a plain file is read.
func local(c *Config, used []string, path string) (*Config, []string, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, used, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, read := range used {
		if other, err := os.Stat(read); err == nil && os.SameFile(info, other) {
			return c, used, nil
		}
	}
	if !info.Mode().IsRegular() {
		return nil, nil, &Error{File: path, Msg: "not a plain file, which is all that is read from the working directory", Hint: "ls -l ./" + FileName}
	}
	here, err := load(path, []string{"display", "formats"})
	if err != nil {
		return nil, nil, err
	}
	c.Found = here.Formats
	c.Display = c.Display.under(here.Display)
	return c, append(used, path), nil
}

// under returns d with what over sets put on top.
func (d Display) under(over Display) Display {
	if over.Color != "" {
		d.Color = over.Color
	}
	if over.TZ != "" {
		d.TZ = over.TZ
	}
	if over.Theme != "" {
		d.Theme = over.Theme
	}
	if over.Columns != nil {
		d.Columns = over.Columns
	}
	if over.Width != 0 {
		d.Width = over.Width
	}
	d.ASCII = d.ASCII || over.ASCII
	return d
}

// Home is soc/soc.yaml in the user's configuration directory, nothing when there is none. A relative directory in the
// environment is ignored, as the XDG specification asks.
func Home(env func(string) string) string {
	dir := env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		switch home := env("HOME"); {
		case runtime.GOOS == "windows":
			dir = env("AppData")
		case home == "":
			dir = ""
		case runtime.GOOS == "darwin":
			dir = filepath.Join(home, "Library", "Application Support")
		default:
			dir = filepath.Join(home, ".config")
		}
	}
	if !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "soc", FileName)
}
