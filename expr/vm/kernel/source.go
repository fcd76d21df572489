package kernel

import "embed"

// Source holds the files of the elementary functions, for package ad/codegen, which copies the functions that a
// program needs into the code that it writes.
//
//go:embed doc.go erf.go exp.go log.go logistic.go norm.go pow.go reduce.go softmax.go tables.go trig.go
var Source embed.FS
