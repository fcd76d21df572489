package figure

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"gonum.org/v1/plot/vg"
)

// A linear axis begins and ends on ticks, has four to nine of them, and covers the data.
func TestLawLinearAxesEndOnTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-1e6, 1e6).Draw(t, "lo")
		s := span{lo, lo + math.Pow(10, rapid.Float64Range(-2, 8).Draw(t, "log10 of the width"))}
		r := Axis{}.round(s)
		require.True(t, r.lo <= s.lo && s.hi <= r.hi, "%v does not cover %v", r, s)
		marks := linearTicks(r)
		require.GreaterOrEqual(t, len(marks), 4)
		require.LessOrEqual(t, len(marks), 9)
		step := marks[1].Value - marks[0].Value
		require.InDelta(t, r.lo, marks[0].Value, 1e-6*step)
		require.InDelta(t, r.hi, marks[len(marks)-1].Value, 1e-6*step)
	})
}

// A logarithmic axis covers the data, wastes less than a decade at either end and has two labels.
func TestLawLogarithmicAxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Float64Range(-290, 280).Draw(t, "from")
		s := span{math.Pow(10, from), math.Pow(10, from+rapid.Float64Range(0, 9).Draw(t, "decades"))}
		r := Axis{Log: true}.round(s)
		require.True(t, r.lo <= s.lo*(1+1e-12) && s.hi <= r.hi*(1+1e-12), "%v does not cover %v", r, s)
		require.True(t, s.lo/r.lo < 10.1 && r.hi/s.hi < 10.1, "%v is too wide for %v", r, s)
		labels := 0
		for _, mark := range logTicks(r) {
			require.True(t, r.lo*(1-1e-12) <= mark.Value && mark.Value <= r.hi*(1+1e-12))
			if mark.Label != "" {
				labels++
			}
		}
		require.GreaterOrEqual(t, labels, 2)
		require.LessOrEqual(t, labels, 10)
	})
}

func TestTickTexts(t *testing.T) {
	texts := func(a Axis, s span) (out []string) {
		for _, mark := range a.ticks(s) {
			if mark.Label != "" {
				out = append(out, mark.Label)
			}
		}
		return out
	}
	require.Equal(t, []string{"−1", "−0.5", "0", "0.5", "1"}, texts(Axis{}, span{-1, 1}))
	require.Equal(t, []string{"0", "0.5", "1", "1.5", "2"}, texts(Axis{}, span{0, 2e6}))
	require.Equal(t, []string{"0.01", "0.1", "1", "10"}, texts(Axis{Log: true}, span{0.01, 20}))
	require.Equal(t, []string{"10⁻⁵", "10⁻⁴", "10⁻³"}, texts(Axis{Log: true}, span{1e-5, 1e-3}))
	require.Equal(t, "0", texts(Axis{}, span{-2e-4, 2e-4})[4])
	a := Axis{Label: "time", Unit: "s"}
	require.Equal(t, "time (10⁶ s)", a.title(a.power(span{0, 2e6})))
	require.Equal(t, "time (s)", a.title(a.power(span{-20, 5})))
	a.Unit = "1"
	require.Equal(t, "time (10⁻⁴)", a.title(a.power(span{-2e-4, 2e-4})))
	require.Equal(t, "time", a.title(a.power(span{-2, 5})))
}

func TestLabelsDoNotRunIntoEachOther(t *testing.T) {
	marks := Axis{}.ticks(span{1e9, 1e9 + 8})
	require.Len(t, marks, 9)
	var width vg.Length
	for _, mark := range spread(marks, 200) {
		if mark.Label != "" {
			width += measure(mark.Label, sans(tickSize))
		}
	}
	require.Less(t, width, vg.Length(200))
	require.Positive(t, width)
}

func TestRunsAndWrapping(t *testing.T) {
	f := sans(10)
	require.Equal(t, []run{
		{"x", f, 0}, {"k", sans(vg.Length(0.7) * f.Size), vg.Length(-0.14) * f.Size}, {" ", f, 0}, {"∈", signs(10), 0}, {" 10", f, 0}, {"−5", sans(vg.Length(0.7) * f.Size), vg.Length(0.36) * f.Size},
	}, runs("xₖ ∈ 10⁻⁵", f))
	for _, line := range wrap("the quick brown fox jumps over the lazy dog", f, 80) {
		require.LessOrEqual(t, measure(line, f), f.Size*8)
	}
	require.Equal(t, []string{"a b", "a1234", "56789", "b"}, wrap(" a  b a123456789 b", f, measure("a1234", f)))
	require.Equal(t, []string{"∇", "∂"}, wrap("∇∂", f, 1), "a line has at least a character")
	require.Empty(t, wrap("", f, 20))
}
