package bench

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
)

// Names of the runners that are not this toolkit.
const (
	HandCPP  = "hand"
	OpenBLAS = "openblas"
	Torch    = "torch"
	ADOLC    = "adolc"
	Sacado   = "sacado"
	GoMLX    = "gomlx"
	Gorgonia = "gorgonia"
)

// Runner is a program that measures itself, see package peer.
type Runner struct {
	Name    string
	Command []string
	Env     []string // besides that of Environment
	// Fresh starts the runner anew for every workload. ADOL-C becomes many times slower after large tapes.
	Fresh   bool
	Skipped string // why it cannot run; "" if it can
}

// Titles of runners, as tables show them.
var titles = map[string]string{
	own.Executor: "tamegrad", own.Generated: "generated Go", own.Hand: "Go by hand",
	HandCPP: "C++ by hand", OpenBLAS: "OpenBLAS", Torch: "PyTorch", ADOLC: "ADOL-C", Sacado: "Sacado", GoMLX: "GoMLX", Gorgonia: "Gorgonia",
}

// Title is the name of a runner for readers.
func Title(runner string) string {
	if t, ok := titles[runner]; ok {
		return t
	}
	return runner
}

// Names are the known runners but this toolkit's executor, which always runs, in the order of tables.
var Names = []string{own.Generated, own.Hand, HandCPP, OpenBLAS, Torch, ADOLC, Sacado, GoMLX, Gorgonia}

// Own are the runners that are this executable, started again with the given arguments and a name.
func Own(command ...string) (out []Runner) {
	for _, name := range []string{own.Executor, own.Generated, own.Hand} {
		out = append(out, Runner{Name: name, Command: append(slices.Clone(command), name)})
	}
	return out
}

// environment is that of a runner with so many threads. OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE, which serve other
// programs on some machines, would choose another product than OpenBLAS takes for the processor by itself.
func (r Runner) environment(threads int) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "OPENBLAS_CORETYPE=") && !strings.HasPrefix(v, "OPENBLAS_L2_SIZE=") {
			env = append(env, v)
		}
	}
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"} {
		env = append(env, fmt.Sprintf("%s=%d", name, threads))
	}
	return append(env, r.Env...)
}
