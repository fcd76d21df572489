// Package durable puts files in place whole or not at all: a program that is killed, or
// a machine that stops, at any moment leaves the old file or the new one.
package durable

import (
	"os"
	"path/filepath"
)

// Temporary ends the names of files that are being written. One that is left over
// belonged to a program that was killed, and may be removed, see [Clean].
const Temporary = ".tmp"

// pattern is the name of the file that is written for path, with a star for what makes it
// unique.
func pattern(path string) string { return "." + filepath.Base(path) + "-*" + Temporary }

// Clean removes what killed programs left of files to be put at path. No other program may
// be writing there.
func Clean(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	for _, entry := range entries {
		if ours, _ := filepath.Match(pattern(path), entry.Name()); ours && err == nil {
			err = os.Remove(filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
	return err
}

// Writer writes files. Rename is os.Rename, except in tests of crashes.
type Writer struct {
	Rename func(from, to string) error
}

// WriteFile replaces the file at path: a temporary name in the same folder, fsync, rename,
// fsync of the folder. The error is one of the file system; the old file is then still
// there.
func WriteFile(path string, data []byte) error { return Writer{os.Rename}.WriteFile(path, data) }

// WriteFile is the function of that name with the writer's Rename.
func (w Writer) WriteFile(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), pattern(path))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // the first error is the one to report
		}
	}()
	_, err = file.Write(data)
	if closed := Close(file); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := w.Rename(file.Name(), path); err != nil {
		return err
	}
	syncDirectory(filepath.Dir(path))
	return nil
}

// Close makes a file that os.CreateTemp made readable for others than its owner,
// synchronises and closes it.
func Close(file *os.File) error {
	err := file.Chmod(0o644)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// syncDirectory makes a rename durable. Some systems cannot do that for directories; the
// rename is then still atomic, so nothing can be done about the error.
func syncDirectory(path string) {
	if dir, err := os.Open(path); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}
