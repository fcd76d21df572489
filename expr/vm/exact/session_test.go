package exact_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// A session returns what runs from scratch return, whatever changes in between, also
// in place, and leaves what it returned before as it was. A run in which nothing has
// changed computes nothing.
func TestLawSession(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		open, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		program, err := exact.Compile(open)
		require.NoError(t, err)
		in := optest.AllToRats(optest.Join(p.At, optest.Choices{}.Of(t, open)))
		s := program.Session()
		var returned [][][]*big.Rat
		var before [][][]string
		for range 4 {
			want, err := program.Run(in...)
			require.NoError(t, err)
			got, err := s.Run(in...)
			require.NoError(t, err)
			require.Equal(t, optest.Strings(want), optest.Strings(got))
			returned, before = append(returned, got), append(before, optest.Strings(want))
			computed := s.Computed()
			_, err = s.Run(in...)
			require.NoError(t, err)
			require.Equal(t, computed, s.Computed())
			i := rapid.IntRange(0, len(in)-1).Draw(t, "input")
			if len(in[i]) > 0 {
				j := rapid.IntRange(0, len(in[i])-1).Draw(t, "entry")
				in[i][j] = new(big.Rat).Sub(big.NewRat(1, 1), in[i][j])
			}
		}
		for i, got := range returned {
			require.Equal(t, before[i], optest.Strings(got))
		}
	})
}

// Only what a change reaches is computed, and after a fault everything is.
func TestSessionsComputeWhatChanges(t *testing.T) {
	f, err := parse.Parse("relu(x)*y + 1/y")
	require.NoError(t, err)
	p, err := exact.Compile(f)
	require.NoError(t, err)
	s := p.Session()
	run := func(x, y int64) (value string, computed int) {
		before := s.Computed()
		out, err := s.Run([]*big.Rat{big.NewRat(x, 1)}, []*big.Rat{big.NewRat(y, 1)})
		if err != nil {
			return err.Error(), s.Computed() - before
		}
		return out[0][0].RatString(), s.Computed() - before
	}
	value, all := run(2, 1)
	require.Equal(t, "3", value)
	value, n := run(3, 1)
	require.Equal(t, "4", value)
	require.Equal(t, 3, n) // not 1/y
	_, n = run(-1, 1)
	require.Equal(t, 3, n)
	_, n = run(-2, 1) // relu stays 0
	require.Equal(t, 1, n)
	value, _ = run(-2, 0)
	require.Contains(t, value, expr.FaultDivision)
	value, n = run(2, 1)
	require.Equal(t, "3", value)
	require.Equal(t, all, n)
	_, err = s.Run([]*big.Rat{new(big.Rat)})
	require.ErrorContains(t, err, "got 1 inputs; the program has 2")
}
