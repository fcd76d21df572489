// Package fx holds programs that were exported from PyTorch, with PyTorch's own
// values and gradients; SOURCES.md explains the files.
package fx

import "embed"

// Files holds net.json, weights.json and batch.json, which are programs, and
// golden.json.
//
//go:embed net.json weights.json batch.json golden.json
var Files embed.FS
