//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// assembly returns the paths in assembly that the processor has.
func assembly() (out []path) {
	x := &cpu.X86
	if !(x.HasAVX2 && x.HasFMA && x.HasBMI2) {
		return nil
	}
	out = append(out, avx2)
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512BW {
		out = append(out, avx512)
	}
	return out
}
