// Package own are the peers that the command itself is, when the verb bench starts it again: the executor, under the name
// tamegrad, the code that package codegen writes, and gradients written by hand in Go, which generated code is held against.
package own

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Names of the peers.
const (
	Executor  = "tamegrad"
	Generated = "generated"
	Hand      = "go"
)

// peers are the workloads of each.
var peers = map[string]func() map[string]peer.Prepare{
	Executor:  executor,
	Generated: generatedChains,
	Hand:      handChains,
}

// Serve is a peer until the input ends, see [peer.Serve]. Its number of goroutines is that of GOMAXPROCS.
func Serve(in io.Reader, out io.Writer, name string) error {
	workloads, ok := peers[name]
	if !ok {
		return fmt.Errorf("there is no peer %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(peers)), ", "))
	}
	path, err := kernel.Path()
	if err != nil {
		return err
	}
	version := map[string]string{
		Executor:  "kernels for " + path,
		Generated: fmt.Sprintf("codegen %d, %s", codegen.Version, runtime.Version()),
		Hand:      runtime.Version(),
	}[name]
	return peer.Serve(in, out, name, version, workloads())
}

// executor has everything.
func executor() map[string]peer.Prepare {
	all := map[string]peer.Prepare{}
	for _, some := range []func() map[string]peer.Prepare{products, entries, chains, networks, steps, sorts, scalars, sets} {
		maps.Copy(all, some())
	}
	return all
}

// handChains are gradients written by hand.
func handChains() map[string]peer.Prepare {
	all := map[string]peer.Prepare{}
	for _, c := range workload.Chains {
		for _, n := range workload.Variables {
			all[c.Gradient(n)] = func() (peer.Task, error) {
				x, dst := c.Start(n), make([]float64, n)
				return plain(dst, func() { c.Hand(dst, x) }), nil
			}
		}
	}
	return all
}

// plain is the task of a function that cannot fail and leaves its numbers in dst.
func plain[T kernel.Real](dst []T, f func()) peer.Task {
	return peer.Task{
		Run:     func() error { f(); return nil },
		Numbers: func() (peer.Checksum, error) { return peer.Of(dst), nil },
	}
}
