package bench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/bench/own"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
)

// Workload is something to measure.
type Workload struct {
	Name  string
	Group string // the heading under which it is shown
	Doc   string
	// Unit is what a run does Operations of: "operation", "gradient", "step", "entry".
	Unit       string
	Operations float64
	Single     bool // float32
	Parallel   bool // worth measuring with more than one thread
	Bars       []Bar
	// Known is what the numbers have to sum up to, if it is known without any runner; see peer.Checksum.
	Known *float64
}

// Bar bounds the time of a runner. Exactly one of Against, Instead and Seconds is given.
type Bar struct {
	Runner  string  // whose time; "" is own.Executor
	Most    float64 // the largest ratio
	Against string  // to the time of this runner
	Instead string  // to the runner's own time for another workload
	Seconds float64 // to this for one of the workload's Unit
}

// Groups, in the order in which they are shown.
const (
	groupProducts  = "Products of matrices"
	groupEntrywise = "Kernels entry by entry"
	groupW1        = "W1, gradients of nonsmooth test functions"
	groupNetworks  = "W2 to W5, networks"
	groupW6        = "W6, sorting"
	groupSets      = "Sets"
	groupTape      = "Long programs of scalars"
)

// All returns the workloads, in the order in which they are measured. Long programs come last: their graphs would
// weigh on the collector of garbage while the others run.
func All() []Workload {
	return slices.Concat(products(), entries(), chains(), networks(), sorts(), sets(), tapes())
}

// Select returns the workloads whose name is, or begins with, one of the given: "w1", "w2/f32"; all without any. The
// error is about the first name that fits none.
func Select(names []string) ([]Workload, error) {
	if len(names) == 0 {
		return All(), nil
	}
	var out []Workload
	used := make([]bool, len(names))
	for _, w := range All() {
		for i, name := range names {
			if w.Name == name || strings.HasPrefix(w.Name, strings.TrimSuffix(name, "/")+"/") {
				used[i] = true
				if len(out) == 0 || out[len(out)-1].Name != w.Name {
					out = append(out, w)
				}
			}
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, fmt.Errorf("there is no workload %q; there are %s, and what follows a slash in them with --list", names[i], strings.Join(families(), ", "))
	}
	return out, nil
}

// families are the first parts of all names.
func families() (out []string) {
	for _, w := range All() {
		first, _, _ := strings.Cut(w.Name, "/")
		if !slices.Contains(out, first) {
			out = append(out, first)
		}
	}
	return out
}

var precisions = []struct {
	name   string
	single bool
}{{workload.F32, true}, {workload.F64, false}}

func products() (out []Workload) {
	for _, precision := range precisions {
		for _, p := range workload.Products {
			speed := 0.9
			if p.Thin {
				speed = 0.6
			}
			out = append(out, Workload{
				Name: p.Name(precision.name), Group: groupProducts, Doc: "product of matrices",
				Unit: "flop", Operations: 2 * float64(p.M) * float64(p.N) * float64(p.K), Single: precision.single,
				Bars: []Bar{{Most: 1 / speed, Against: OpenBLAS}},
			})
		}
	}
	return out
}

func entries() (out []Workload) {
	for _, op := range workload.Entrywise {
		for _, precision := range precisions {
			out = append(out, Workload{
				Name: workload.EntryName(op, precision.name), Group: groupEntrywise, Doc: "vectors of 1024 entries, in the first-level cache",
				Unit: "entry", Operations: workload.Entries, Single: precision.single,
				Bars: []Bar{{Most: 1 / 0.8, Against: HandCPP}},
			})
		}
	}
	return out
}

func chains() (out []Workload) {
	for _, n := range workload.Variables {
		for _, c := range workload.Chains {
			w := Workload{Group: groupW1, Unit: "operation", Operations: float64(c.Operations(n))}
			w.Name, w.Doc = c.Value(n), "the function alone"
			out = append(out, w)
			w.Name, w.Doc = c.Gradient(n), "value and gradient"
			w.Bars = []Bar{
				{Most: 3, Against: HandCPP},
				{Most: 3, Instead: c.Value(n)},
				{Runner: own.Generated, Most: 1.5, Against: own.Hand},
			}
			out = append(out, w)
		}
	}
	return out
}

func networks() (out []Workload) {
	const dense, images = "value and gradient of cross-entropy, 784-256-128-10, 128 rows", "convolutions 3×3 1→8→16, 2×2 maxima, dense; 32 images 28×28"
	for _, p := range precisions {
		out = append(out, Workload{
			Name: workload.W2 + p.name, Doc: dense, Unit: "flop", Operations: denseFlops, Single: p.single, Parallel: true,
			Bars: []Bar{{Most: 0.95, Against: Torch}},
		})
	}
	out = append(out, Workload{
		Name: workload.W3, Doc: "gradients of a network 10-32-32-1 on 64 points at 1000 vectors of parameters", Parallel: true,
		Unit: "gradient", Operations: workload.MeanSquareVectors, Bars: []Bar{{Most: 0.5, Against: Torch}},
	}, Workload{
		Name: workload.W3b, Doc: "gradients of max |Ax + b|, 50 functions on ℝ⁵⁰, at 10,000 points", Parallel: true,
		Unit: "gradient", Operations: workload.LargestPoints, Bars: []Bar{{Most: 0.5, Against: Torch}},
	}, Workload{
		Name: workload.W4, Doc: "steps of SGD, one row each, of a network 2-16-16-1",
		Unit: "step", Operations: workload.StepRows, Bars: []Bar{{Most: 1, Seconds: 1 / 1.2e6}},
	})
	for _, p := range precisions {
		out = append(out, Workload{Name: workload.W5 + p.name, Doc: images, Unit: "image", Operations: workload.ImageRows, Single: p.single, Parallel: true})
	}
	for i := range out {
		out[i].Group = groupNetworks
	}
	return out
}

// denseFlops are those of the products of W2: one forward, two backward, without that for the gradient in x.
const denseFlops = 2 * workload.DenseRows * (3*(784*256+256*128+128*10) - 784*256)

func sorts() (out []Workload) {
	const entries = workload.SortRows * workload.SortColumns
	for _, p := range precisions {
		out = append(out, Workload{
			Name: workload.Sort + p.name, Group: groupW6, Doc: "value and gradient of ⟨w, sort x⟩ for 128 rows of 1024",
			Unit: "entry", Operations: entries, Single: p.single, Bars: []Bar{{Most: 0.6, Against: Torch}},
		}, Workload{
			Name: workload.Pairs + p.name, Group: groupW6, Doc: "the same with pairs sorted, GroupSort-2",
			Unit: "entry", Operations: entries, Single: p.single, Bars: []Bar{{Most: 0.1, Against: Torch}},
		})
	}
	return out
}

func sets() (out []Workload) {
	for i, z := range workload.Zonotopes {
		most := []float64{1e-3, 20e-3}[i]
		out = append(out, Workload{
			Name: z.Name(), Doc: fmt.Sprintf("D of Σ|aᵢ·x| + ⟨c, x⟩ at 0 and its point nearest to 0, %d kinks in ℝ%s", z.Kinks, raised(z.N)),
			Unit: "set", Operations: 1, Bars: []Bar{{Most: 1, Seconds: most}},
		})
	}
	cells := float64(workload.GenericCells(workload.CellKinks, workload.CellDimension))
	out = append(out, Workload{
		Name: workload.Cells, Doc: "all cells of 20 generic kinks in ℝ⁵, in float64", Unit: "cell", Operations: cells, Known: &cells,
		Bars: []Bar{{Most: 1, Seconds: 1 / cells}},
	}, Workload{
		Name: workload.RationalCells, Doc: "all cells of 20 generic kinks in ℝ⁵, decided in rationals", Unit: "cell", Operations: cells, Known: &cells,
		Bars: []Bar{{Most: 1, Seconds: 10 / cells}},
	}, Workload{
		// Each cell has a vertex of its own: they are those of a zonotope in general position.
		Name: workload.WholeSet, Doc: "the Clarke subdifferential that these cells make, with its extreme points and what follows from it",
		Unit: "cell", Operations: cells, Known: &cells,
	})
	for i := range out {
		out[i].Group = groupSets
	}
	return out
}

// raised is a number as an exponent.
func raised(n int) string {
	return strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").Replace(fmt.Sprint(n))
}

func tapes() []Workload {
	const operations = workload.ScalarOperations
	return []Workload{{
		Name: workload.TapePoint, Group: groupTape, Doc: "value and gradient of 10⁵ scalar operations at one point",
		Unit: "operation", Operations: operations, Bars: []Bar{{Most: 1, Seconds: 10e-9}},
	}, {
		Name: workload.TapeLanes, Group: groupTape, Doc: "the same at 256 points at once",
		Unit: "operation and lane", Operations: operations * workload.ScalarLanes, Bars: []Bar{{Most: 1, Seconds: 0.8e-9}},
	}}
}
