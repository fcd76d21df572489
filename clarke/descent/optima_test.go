package descent_test

import (
	"context"
	"flag"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
	problems "github.com/tamegrad/tamegrad/experiments/problem"
)

var optima = flag.Bool("optima", false, "run TestOptima, which takes a minute")

// sizes are the numbers of variables at which TestOptima minimises a problem.
func sizes(p problems.Problem) []int {
	switch {
	case p.Name == "ncr1" || p.Name == "ncr2":
		return []int{2, 3, 4, 5}
	case p.Name[0] == 'f': // F1 to F10; MAXQ and MXHILB are F1 and F2
		return []int{p.N, 200}
	}
	return []int{p.N}
}

// The table of all problems, from the standard start: by auto up to 50 variables, and by BFGS for 200; then polished where that
// takes seconds. The least value of F8 is that of its own polish.
func TestOptima(t *testing.T) {
	if !*optima {
		t.Skip("make optima runs it")
	}
	slow := map[string]bool{"f1": true, "f2": true, "f4": true, "f6": true, "f7": true}
	t.Log("problem         n  method   calls  f − f*  status      polished: f − f*  certificate  within  kinks")
	for _, p := range problems.All() {
		for _, n := range sizes(p) {
			p, f := load(t, p.Name, n)
			var m descent.Method = descent.Auto{}
			if n > 50 {
				m = descent.BFGS{}
			}
			r, err := m.Minimize(context.Background(), f, p.Start, descent.Limits{})
			require.NoError(t, err)
			if n > 50 && slow[p.Name] {
				t.Logf("%-13s %3d  %-5s  %6d %8.1e %-10s  not tried", p.Name, n, m.Name(), r.Calls, r.F-p.Minimum, r.Status)
				require.LessOrEqual(t, math.Abs(r.F-p.Minimum), 1e-6*(1+math.Abs(p.Minimum)), p.Name)
				continue
			}
			q := refine(t, f, r)
			if p.Name == "f8" {
				require.InDelta(t, p.Minimum, q.Result.F, 1e-11*(1+math.Abs(p.Minimum)), "Newton's method has found it once before")
				p.Minimum = q.Result.F
			}
			c := q.Result.Certificate
			t.Logf("%-13s %3d  %-5s  %6d %8.1e %-10s  %8.1e %8.1e %8.1e %3d", p.Name, n, m.Name(), r.Calls, r.F-p.Minimum, r.Status, q.Result.F-p.Minimum, c.Distance, c.Radius, len(q.Active))
			require.LessOrEqual(t, math.Abs(r.F-p.Minimum), 1e-6*(1+math.Abs(p.Minimum)), p.Name)
			exact(t, p, q)
		}
	}
}
