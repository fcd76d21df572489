package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// replay builds a part of a program once more with some of its nodes replaced.
// With lanes, the replacements have one more leading axis of that extent, and
// what depends on them is computed for all lanes at once; the rest is shared. No
// op needs a rule for that, because ops act on trailing axes.
type replay struct {
	lanes int // 0 means no lane axis
	to    map[expr.Node]expr.Node
}

// replayed returns the roots with the sources replaced. With lanes, roots that
// depend on no source are repeated along the lane axis.
func replayed(roots, sources, by []expr.Node, lanes int) ([]expr.Node, error) {
	r := &replay{lanes: lanes, to: map[expr.Node]expr.Node{}}
	for i, s := range sources {
		r.to[s] = by[i]
	}
	order := expr.NewOrder(roots...)
	for i, depends := range order.Depends(sources) {
		n := order.Node(i)
		if _, replaced := r.to[n]; replaced || !depends {
			continue
		}
		if err := r.fits(n); err != nil {
			return nil, err
		}
		r.to[n] = r.rebuild(n)
	}
	out := make([]expr.Node, len(roots))
	for i, n := range roots {
		m, ok := r.to[n]
		switch {
		case ok:
		case lanes > 0:
			m = r.repeat(n)
		default:
			m = n
		}
		out[i] = m
	}
	return out, nil
}

// SizeError says that a node would exceed the limits of tensors if it were
// computed for many directions at once.
type SizeError struct {
	Node  expr.Node
	Lanes int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("ad: %v of shape %v cannot be computed for %d directions at once: at most %d axes and %d entries; take products with single directions by Forward or Backward",
		e.Node, e.Node.Shape(), e.Lanes, expr.MaxRank, expr.MaxSize)
}

// fits keeps failures out of the graph, which would keep them for good. An operand
// that all of a batch share gets the leading axes of the batch besides that of lanes.
func (r *replay) fits(n expr.Node) error {
	if r.lanes == 0 {
		return nil
	}
	rank := n.Shape().Rank()
	if args := n.Args(); n.Op().Shares != nil {
		lead := leadOf(n, args)
		for i, own := range n.Op().Shares {
			if _, replaced := r.to[args[i]]; replaced && len(lead) > 0 && args[i].Shape().Rank() == own {
				rank = max(rank, len(lead)+own)
			}
		}
	}
	if rank >= expr.MaxRank || n.Shape().Size() > expr.MaxSize/r.lanes {
		return &SizeError{n, r.lanes}
	}
	return nil
}

func (r *replay) rebuild(n expr.Node) expr.Node {
	args, op := n.Args(), n.Op()
	lead := leadOf(n, args)
	if r.lanes > 0 && len(lead) > 0 && args[0].Op().Name == "permutation" {
		return r.unroll(n)
	}
	for i, a := range args {
		m, replaced := r.to[a]
		switch {
		case replaced && r.lanes > 0 && op.Shares != nil && len(lead) > 0 && a.Shape().Rank() == op.Shares[i]:
			args[i] = r.insert(m, lead, a)
		case replaced:
			args[i] = m
		case r.lanes == 0 || op.Elementwise || op.Shares != nil && a.Shape().Rank() == op.Shares[i]:
			// it serves all lanes as it is
		default:
			args[i] = r.repeat(a)
		}
	}
	return op.Apply(n.Attr(), args...)
}

// leadOf returns the leading axes that the operands of an op with Shares have in
// common.
func leadOf(n expr.Node, args []expr.Node) []int {
	for i, own := range n.Op().Shares {
		if s := args[i].Shape(); s.Rank() > own {
			return s.Lead(own).Dims()
		}
	}
	return nil
}

// unroll applies a batched permutation lane by lane: its shape depends on how its
// slot is wired, so that it cannot be repeated along an axis yet.
func (r *replay) unroll(n expr.Node) expr.Node {
	lanes := make([]expr.Node, r.lanes)
	for l := range lanes {
		args := n.Args()
		for i, a := range args {
			if m, replaced := r.to[a]; replaced {
				args[i] = expr.Index(m, l)
			}
		}
		lanes[l] = n.Op().Apply(n.Attr(), args...)
	}
	axes := []int{n.Shape().Rank()} // the stacked axis goes to the front
	for i := range n.Shape().Rank() {
		axes = append(axes, i)
	}
	return expr.Transpose(expr.Stack(lanes...), axes...)
}

// repeat puts the lane axis in front of a node that all lanes share.
func (r *replay) repeat(n expr.Node) expr.Node {
	return expr.BroadcastTo(n, append([]int{r.lanes}, n.Shape().Dims()...)...)
}

// insert puts leading axes between the lane axis of m and the own axes of the
// operand a that it stands for.
func (r *replay) insert(m expr.Node, lead []int, a expr.Node) expr.Node {
	narrow, wide := []int{r.lanes}, append([]int{r.lanes}, lead...)
	for range lead {
		narrow = append(narrow, 1)
	}
	own := a.Shape().Dims()
	return expr.BroadcastTo(expr.Reshape(m, append(narrow, own...)...), append(wide, own...)...)
}
