package claim

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// Alpha is the probability with which a true statistical claim may be judged wrong, for the whole
// claim. A claim with m statistical checks gives each of them Alpha/m (Bonferroni).
const Alpha = 1e-4

// Measurement is a measured number and the interval that certainly, or with the confidence
// of its constructor, holds the true one. The zero value is "nothing was measured" and fails.
type Measurement struct {
	Value, Lower, Upper float64
	flaw                string
	made                bool
}

// Measured is a deterministic number: the interval is a point.
func Measured(value float64) Measurement { return MeasuredIn(value, value, value) }

// MeasuredIn is a number with an interval around it, for instance a confidence interval at
// level 1 − Alpha or an enclosure of rounding errors. An interval that does not hold value fails.
func MeasuredIn(value, lower, upper float64) Measurement {
	m := Measurement{Value: value, Lower: lower, Upper: upper, made: true}
	inside := lower <= value && value <= upper
	if absent := math.IsNaN(value) && math.IsNaN(lower) && math.IsNaN(upper); !inside && !absent {
		m.flaw = fmt.Sprintf("the interval [%v, %v] does not contain the measured %v", show(lower), show(upper), show(value))
	}
	return m
}

// Proportion is k successes in n independent trials with the exact two-sided interval of
// Clopper and Pearson (Biometrika 26, 1934, 404–413) at level 1 − alpha:
//
//	lower = B(α/2; k, n−k+1), 0 if k = 0        upper = B(1−α/2; k+1, n−k), 1 if k = n
//
// where B(p; a, b) is the p-quantile of the Beta distribution.
func Proportion(k, n int, alpha float64) Measurement {
	if flaw := proportionFlaw(k, n, alpha); flaw != "" {
		return Measurement{made: true, flaw: flaw}
	}
	return MeasuredIn(float64(k)/float64(n), clopperPearsonLower(k, n, alpha/2), ClopperPearsonUpper(k, n, alpha/2))
}

// Occurrences is k events in n independent trials with the one-sided Clopper–Pearson bound at
// level 1 − alpha and lower end 0. It is what [Never] and [AtMost] should be asked about.
func Occurrences(k, n int, alpha float64) Measurement {
	if flaw := proportionFlaw(k, n, alpha); flaw != "" {
		return Measurement{made: true, flaw: flaw}
	}
	return MeasuredIn(float64(k)/float64(n), 0, ClopperPearsonUpper(k, n, alpha))
}

func proportionFlaw(k, n int, alpha float64) string {
	if n < 1 || k < 0 || k > n || !(0 < alpha && alpha < 1) {
		return fmt.Sprintf("%d events in %d trials at α = %v is not a proportion", k, n, alpha)
	}
	return ""
}

// ClopperPearsonUpper returns the largest probability that is compatible with k events in n
// trials: the p with P(X ≤ k) = alpha for X ~ Binomial(n, p), and 1 if k = n.
// For k = 0 it is 1 − alpha^(1/n). It needs 0 ≤ k ≤ n, n ≥ 1 and 0 < alpha < 1.
func ClopperPearsonUpper(k, n int, alpha float64) float64 {
	switch k {
	case n:
		return 1
	case 0:
		return -math.Expm1(math.Log(alpha) / float64(n)) // the quantile in closed form, more accurate
	default:
		return distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(1 - alpha)
	}
}

// clopperPearsonLower is the mirror image: P(X ≥ k) = alpha, and 0 if k = 0.
func clopperPearsonLower(k, n int, alpha float64) float64 {
	switch k {
	case 0:
		return 0
	case n:
		return math.Exp(math.Log(alpha) / float64(n))
	default:
		return distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(alpha)
	}
}

// show writes x in full, brief with six significant digits.
func show(x float64) string { return jsonnum.Number(x).String() }

func brief(x float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	if err != nil {
		return show(x)
	}
	return show(rounded)
}
