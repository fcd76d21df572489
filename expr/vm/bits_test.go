package vm_test

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

var update = flag.Bool("update", false, "rewrite testdata/bits.txt")

// The bits of every op's values and gradients are the same on every machine and
// for all instruction sets that the compiler may use.
func TestBitsAreGolden(t *testing.T) {
	var b strings.Builder
	b.WriteString("# op, then hashes of 20 samples in float64 and in float32: go test ./expr/vm -run Bits -update\n")
	for _, op := range expr.Ops() {
		if op.MinArgs > 0 {
			fmt.Fprintf(&b, "%s %s %s\n", op.Name, bitsOf(t, op, vm.Float64), bitsOf(t, op, vm.Float32))
		}
	}
	const file = "testdata/bits.txt"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.Split(string(want), "\n"), strings.Split(b.String(), "\n"))
}

func bitsOf(t *testing.T, op *expr.Op, precision vm.Precision) string {
	h, rng := sha256.New(), rand.New(rand.NewPCG(1, 2))
	for range 20 {
		p := optest.Single(t, op, op.Sample(rng))
		backward, err := ad.Backward(p.Func)
		require.NoError(t, err)
		wired, err := ad.Wire(backward, ad.AtSlot(0.5))
		require.NoError(t, err)
		program, err := vm.Compile(wired, vm.Options{Precision: precision})
		require.NoError(t, err)
		w := program.NewWorkspace()
		for i := range w.Inputs() {
			for k := range w.In(i) { // cotangents are in general position
				w.In(i)[k] = float64(rng.IntN(1000)) / 7
			}
		}
		for i, x := range p.At {
			for k, v := range x {
				w.In(i)[k] = v
				if op.Class > expr.PiecewisePolynomial {
					w.In(i)[k] = v * (1 + 1.0/3) // not a short number
				}
			}
		}
		failed := w.Run() != nil
		_ = binary.Write(h, binary.LittleEndian, failed)
		for i := range wired.Out() {
			for _, v := range w.Out(i) {
				if math.IsNaN(v) {
					v = 0 // whose bits are not specified
				}
				_ = binary.Write(h, binary.LittleEndian, math.Float64bits(v))
			}
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
