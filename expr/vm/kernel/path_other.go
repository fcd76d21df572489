//go:build !amd64 || purego

package kernel

func assembly() []path { return nil }
