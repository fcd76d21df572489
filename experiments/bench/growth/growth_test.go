package growth_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/bench/growth"
)

func ExampleMeasure() {
	law, err := growth.Lookup("gradient-depth-operations")
	if err != nil {
		fmt.Println(err)
		return
	}
	curve, err := growth.Measure(context.Background(), law, growth.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(law.Sentence)
	for _, p := range curve.Points[:2] {
		fmt.Printf("at %d: %g, predicted %g\n", p.Size, p.Median, p.Predicted)
	}
	fmt.Println(law.Formula, curve.Fits[0].Verdict)
	// Output:
	// The gradient of a chain of L layers takes operations in proportion to L.
	// at 8: 2559, predicted 2559
	// at 16: 5119, predicted 5119
	// 320L − 1 exact
}

// Counts have no noise, so that what is predicted of them is tested: formulas number by number, and exponents
// within the law's own tolerance.
func TestCountsGrowAsPredicted(t *testing.T) {
	for _, law := range growth.Laws() {
		if !counted(law.Quantity) {
			continue
		}
		t.Run(law.Name, func(t *testing.T) {
			curve, err := growth.Measure(t.Context(), law, growth.Options{})
			require.NoError(t, err)
			require.NotEmpty(t, curve.Fits)
			for _, f := range curve.Fits {
				if law.Exact {
					require.Equal(t, growth.Exact, f.Verdict, "%v", curve.Points)
				} else {
					require.Equal(t, growth.Within, f.Verdict, "%v", curve.Points)
				}
			}
		})
	}
}

func counted(q growth.Quantity) bool {
	return slices.Contains([]growth.Quantity{growth.Operations, growth.Cells, growth.Vertices, growth.Calls, growth.Share, growth.Numbers}, q)
}

// A law says all that it is judged by, and both profiles have enough sizes in each range of its own.
func TestLawsAreComplete(t *testing.T) {
	names := map[string]bool{}
	for _, law := range growth.Laws() {
		require.False(t, names[law.Name], law.Name)
		names[law.Name] = true
		for _, text := range []string{law.Sentence, law.Axis, law.Formula, law.Derivation, string(law.Quantity)} {
			require.NotEmpty(t, text, law.Name)
		}
		require.True(t, strings.HasSuffix(law.Sentence, "."), law.Name)
		require.NotEmpty(t, law.Ranges, law.Name)
		require.NotNil(t, law.Prepare, law.Name)
		for _, sizes := range [][]int{law.Quick, law.Full} {
			require.True(t, slices.IsSorted(sizes), law.Name)
			require.Len(t, slices.Compact(slices.Clone(sizes)), len(sizes), law.Name)
			for _, size := range sizes {
				require.Positive(t, law.Predicted(float64(size)), "%s at %d", law.Name, size)
			}
			for _, r := range law.Ranges {
				require.NotEmpty(t, r.Reason, law.Name)
				require.GreaterOrEqual(t, within(sizes, r), fewest(law), "%s, range from %d to %d", law.Name, r.From, r.To)
			}
		}
	}
}

func within(sizes []int, r growth.Range) (n int) {
	for _, size := range sizes {
		if size >= r.From && (r.To == 0 || size <= r.To) {
			n++
		}
	}
	return n
}

// fewest is how many sizes a range has: a machine of one core has one number of workers below that of its cores.
func fewest(law growth.Law) int {
	if law.Name == "workers-elapsed" {
		return 1
	}
	return 2
}

// artificial is a law about numbers that are given.
func artificial(count func(size int) float64) growth.Law {
	return growth.Law{
		Name: "artificial", Sentence: "Numbers grow in proportion to n.", Axis: "size n", Quantity: growth.Calls,
		Predicted: func(n float64) float64 { return n }, Formula: "n", Derivation: "made so",
		Ranges: []growth.Range{{From: 2, To: 16, Below: 0.1, Above: 0.1, Reason: "a range"}}, Quick: []int{1, 2, 4, 8, 16, 32}, Full: []int{1, 2},
		Prepare: func(size int) (growth.Work, error) {
			return growth.Work{Count: func() (float64, error) { return count(size), nil }}, nil
		},
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name  string
		count func(size int) float64
		want  growth.Verdict
	}{
		{"in proportion", func(n int) float64 { return 3 * float64(n) }, growth.Within},
		{"beyond the range all may happen", func(n int) float64 { return map[bool]float64{true: 1e9, false: float64(n)}[n < 2 || n > 16] }, growth.Within},
		{"quadratic", func(n int) float64 { return float64(n * n) }, growth.Above},
		{"constant", func(int) float64 { return 7 }, growth.Below},
		{"nothing", func(int) float64 { return 0 }, growth.Open},
	} {
		curve, err := growth.Measure(t.Context(), artificial(c.count), growth.Options{})
		require.NoError(t, err)
		require.Equal(t, c.want, curve.Fits[0].Verdict, c.name)
		require.Equal(t, 4, curve.Fits[0].Sizes)
	}
	exact := artificial(func(n int) float64 { return float64(n) })
	exact.Exact = true
	for want, off := range map[growth.Verdict]float64{growth.Exact: 0, growth.Inexact: 1} {
		exact.Predicted = func(n float64) float64 { return n + map[bool]float64{true: off}[n == 8] }
		curve, err := growth.Measure(t.Context(), exact, growth.Options{})
		require.NoError(t, err)
		require.Equal(t, want, curve.Fits[0].Verdict)
	}
	open := artificial(func(n int) float64 { return float64(n) })
	curve, err := growth.Measure(t.Context(), open, growth.Options{Full: true})
	require.NoError(t, err)
	require.Equal(t, growth.Open, curve.Fits[0].Verdict, "one size lies in the range")
}

func TestExponentialLaws(t *testing.T) {
	law := artificial(func(n int) float64 { return 5 * float64(int64(1)<<n) })
	law.Exponential = true
	law.Predicted = func(n float64) float64 { return float64(int64(1) << int64(n)) }
	curve, err := growth.Measure(t.Context(), law, growth.Options{})
	require.NoError(t, err)
	f := curve.Fits[0]
	require.InDelta(t, 1, f.Exponent, 1e-12, "one doubling for each unit")
	require.InDelta(t, 5, f.Factor, 1e-9)
	require.Equal(t, growth.Within, f.Verdict)
}

// Rounds visit sizes up and down in turn, so that what drifts bends nothing; a size is warmed up before.
func TestRoundsAreInterleaved(t *testing.T) {
	var visits []int
	law := artificial(nil)
	law.Quantity = growth.Elapsed
	law.Quick = []int{1, 2, 4}
	law.Prepare = func(size int) (growth.Work, error) {
		return growth.Work{Run: func() error {
			visits = append(visits, size)
			time.Sleep(time.Millisecond)
			return nil
		}}, nil
	}
	curve, err := growth.Measure(t.Context(), law, growth.Options{Rounds: 3, Least: time.Microsecond})
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 2, 2, 4, 4, 1, 2, 4, 4, 2, 1, 1, 2, 4}, visits)
	for _, p := range curve.Points {
		require.GreaterOrEqual(t, p.Low, 1e-3)
		require.LessOrEqual(t, p.Low, p.Median)
		require.LessOrEqual(t, p.Median, p.High)
	}
}

func TestMeasureErrors(t *testing.T) {
	_, err := growth.Lookup("no such law")
	require.EqualError(t, err, `growth: there is no law "no such law"; take a name of the list`)
	_, err = growth.Measure(t.Context(), artificial(nil), growth.Options{Rounds: -1})
	require.ErrorContains(t, err, "not negative")

	broken := errors.New("broken")
	law := artificial(nil)
	law.Prepare = func(size int) (growth.Work, error) {
		return growth.Work{Count: func() (float64, error) { return 1, broken }}, nil
	}
	_, err = growth.Measure(t.Context(), law, growth.Options{})
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "artificial at size 1")
	law.Quantity = growth.Ratio
	_, err = growth.Measure(t.Context(), law, growth.Options{})
	require.ErrorContains(t, err, "needs the function Run")

	ended, stop := context.WithCancel(t.Context())
	stop()
	_, err = growth.Measure(ended, law, growth.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// Every law can be drawn and written, whatever its numbers are.
func TestCurvesAreWritten(t *testing.T) {
	var curves []growth.Curve
	for _, law := range growth.Laws() {
		predicted := law.Predicted
		law.Quantity = growth.Calls
		law.Prepare = func(size int) (growth.Work, error) {
			return growth.Work{Count: func() (float64, error) { return predicted(float64(size)), nil }}, nil
		}
		curve, err := growth.Measure(t.Context(), law, growth.Options{})
		require.NoError(t, err)
		f := curve.Figure()
		require.NoError(t, f.WriteSVG(new(bytes.Buffer)), law.Name)
		require.Contains(t, f.Description(), "redicted", law.Name)
		curves = append(curves, curve)
	}
	require.NoError(t, growth.Table(curves).WriteSVG(new(bytes.Buffer)))

	var out bytes.Buffer
	require.NoError(t, growth.WriteCSV(&out, curves))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	points := 0
	for _, c := range curves {
		points += len(c.Points)
	}
	require.Len(t, rows, points+1)

	text, err := json.Marshal(curves[0])
	require.NoError(t, err)
	var back struct {
		Name   string
		Points []struct{ Local any }
		Fits   []struct{ Verdict growth.Verdict }
	}
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, curves[0].Law.Name, back.Name)
	require.Equal(t, "NaN", back.Points[0].Local)
	require.Equal(t, curves[0].Fits[0].Verdict, back.Fits[0].Verdict)
}
