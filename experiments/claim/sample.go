package claim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Mean is the mean of independent values with Student's interval at level 1 − alpha:
// mean ± t(1−α/2; n−1)·s/√n. It is exact for normal values and asymptotic otherwise, so take a
// sample large enough for the tails of its distribution. It needs two values or more.
func Mean(sample []float64, alpha float64) Measurement {
	if len(sample) < 2 {
		return Measurement{made: true, flaw: fmt.Sprintf("the mean of %d values has no confidence interval", len(sample))}
	}
	n := float64(len(sample))
	mean, std := stat.MeanStdDev(sample, nil)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(1-alpha/2) * std / math.Sqrt(n)
	return MeasuredIn(mean, mean-half, mean+half)
}
