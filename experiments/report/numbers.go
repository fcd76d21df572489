package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// nothing stands where there is no number, and notMeasured where a check should have made one.
const (
	nothing     = "–"
	notMeasured = "not measured"
)

// numbers writes the numbers of a row.
func numbers(row claim.Row, write func(jsonnum.Number) string) (predicted, measured, interval string) {
	show := func(x jsonnum.Number) string {
		if row.Verdict == claim.NotTested && math.IsNaN(float64(x)) || unmeasured(row) {
			return nothing
		}
		return signed(write(x))
	}
	if row.Lower != row.Upper && !math.IsNaN(float64(row.Lower-row.Upper)) {
		interval = "[" + show(row.Lower) + ", " + show(row.Upper) + "]"
	}
	measured = show(row.Measured)
	if measured == "NaN" && math.IsNaN(float64(row.Lower)) && math.IsNaN(float64(row.Upper)) && !math.IsNaN(float64(row.Predicted)) {
		measured = notMeasured
	}
	return show(row.Predicted), measured, interval
}

// unmeasured tells whether a row stands for a run without an outcome.
func unmeasured(row claim.Row) bool {
	for _, x := range []jsonnum.Number{row.Predicted, row.Measured, row.Lower, row.Upper} {
		if !math.IsNaN(float64(x)) {
			return false
		}
	}
	return row.Verdict != claim.Pass
}

// short has six significant digits.
func short(x jsonnum.Number) string {
	if f := float64(x); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return fmt.Sprintf("%.6g", f+0)
	}
	return x.String()
}

// signed writes a minus sign for a hyphen, and ∞.
func signed(number string) string {
	return strings.NewReplacer("-", "−", "Infinity", "∞").Replace(number)
}
