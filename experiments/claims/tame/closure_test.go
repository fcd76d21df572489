package tame

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr/parse"
)

// Programs that leave their class, and denied ones among the certified, are counted.
func TestTallySeesMistakes(t *testing.T) {
	good, err := tally(t.Context(), []part{"max(X, Y)"}, []part{"X*Y"})
	require.NoError(t, err)
	require.Equal(t, counts{programs: 6, definable: 6}, good)
	bad, err := tally(t.Context(), []part{"sin(X) + Y"}, []part{"X*Y"})
	require.NoError(t, err)
	require.Zero(t, bad.definable)
	// A bounded argument makes a sine definable: the tally does not just look for sin.
	tamed, err := tally(t.Context(), []part{"sin(tanh(X)) + Y"}, []part{"X - Y"})
	require.NoError(t, err)
	require.Equal(t, 6, tamed.definable)
}

// The parts have the classes that their lists say.
func TestPartsAreWhatTheySay(t *testing.T) {
	for _, p := range certifiedParts {
		f, err := parse.Parse(p.of("x", "y"))
		require.NoError(t, err)
		require.True(t, f.Class().Certified(), "%s: %s", p, f.Class().Why())
	}
	for _, p := range deniedParts {
		f, err := parse.Parse(p.of("x", "y"))
		require.NoError(t, err)
		require.False(t, f.Class().Certified(), p)
	}
}

// Another function than the envelope has another error.
func TestMeasureSeesAWrongMinimum(t *testing.T) {
	wrong, err := parse.Parse("x^2/2")
	require.NoError(t, err)
	e, err := measure(t.Context(), wrong, 2)
	require.NoError(t, err)
	require.Equal(t, "2", e.worst.RatString()) // at 3: 9/2 − 5/2
	right, err := envelopeOf(2)
	require.NoError(t, err)
	e, err = measure(t.Context(), right, 2)
	require.NoError(t, err)
	require.Zero(t, e.worst.Cmp(big.NewRat(1, 32)))
}
