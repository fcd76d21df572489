package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/sgd/durable"
)

func TestWriteFileReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"first, which is longer", "second", ""} {
		require.NoError(t, durable.WriteFile(path, []byte(text)))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	only(t, path)
}

// What cannot be put in place leaves the old file and nothing else.
func TestFailuresKeepTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, durable.WriteFile(path, []byte("old")))
	broken := errors.New("broken")
	w := durable.Writer{Rename: func(from, to string) error {
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.Equal(t, "new", string(data), "it is whole before it is renamed")
		require.Equal(t, path, to)
		return broken
	}}
	require.ErrorIs(t, w.WriteFile(path, []byte("new")), broken)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(got))
	only(t, path)
	require.ErrorIs(t, durable.WriteFile(filepath.Join(t.TempDir(), "missing", "file"), nil), os.ErrNotExist)
}

// What is left over goes, and nothing else.
func TestClean(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"file", ".file-123.tmp", ".file-4.tmp", ".filed-1.tmp", ".file-1.tmpx"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o644))
	}
	require.NoError(t, durable.Clean(filepath.Join(folder, "file")))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 3)
	require.ErrorIs(t, durable.Clean(filepath.Join(folder, "missing", "file")), os.ErrNotExist)
}

// only checks that a folder holds one file.
func only(t *testing.T, path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, filepath.Base(path), entries[0].Name())
}
