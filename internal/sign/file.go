package sign

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// ErrExposed means that others than the owner may read a private key file. The user mends it with chmod 600.
var ErrExposed = errors.New("private key is open to others")

// maxKeyFile is far more than the one line a key file holds, in bytes.
const maxKeyFile = 4096

// WriteKey writes key to a new file that only its owner may read. It never replaces a file.
func WriteKey(path string, key Key) error {
	if len(key.private) == 0 {
		return fmt.Errorf("writing private key %s: %w", path, ErrBadKey)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing private key: %w", err)
	}
	if err := fill(f, key.secret()+"\n"); err != nil {
		_ = os.Remove(path) // half a key is no key; the error that matters is the first
		return fmt.Errorf("writing private key: %w", err)
	}
	return nil
}

// fill writes text to f, brings it to the disk and closes f in every case.
func fill(f *os.File, text string) error {
	_, err := io.WriteString(f, text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// ReadKey reads a private key file. On Unix it refuses one that others may read or write, with ErrExposed.
func ReadKey(path string) (Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return Key{}, fmt.Errorf("reading private key: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	if err := private(f); err != nil {
		return Key{}, fmt.Errorf("reading private key %s: %w", path, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return Key{}, fmt.Errorf("reading private key: %w", err)
	}
	key, err := ParseKey(string(text))
	if err != nil {
		return Key{}, fmt.Errorf("reading private key %s: %w", path, err)
	}
	return key, nil
}

// private asks the open file, not its path, which could name another one by then. Windows has no such bits.
func private(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%w (mode %04o, want 0600)", ErrExposed, info.Mode().Perm())
	}
	return nil
}
