package sgd

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Progress says how far a run has come when a step size is asked for.
type Progress struct {
	Step  int // steps made before this one
	Epoch int // whole epochs (n component gradients) made before this step
}

// Schedule gives the step size α ≥ 0. It is a function of progress only.
type Schedule interface {
	Rate(p Progress) float64
}

// Constant is the same step size throughout.
type Constant float64

// Rate implements [Schedule].
func (c Constant) Rate(Progress) float64 { return float64(c) }

// Power is αₖ = C·(k + 1)^−P at step k = 0, 1, …. Robbins and Monro's conditions
// Σα = ∞ and Σα² < ∞ hold if and only if ½ < P ≤ 1.
type Power struct{ C, P float64 }

// Rate implements [Schedule].
func (s Power) Rate(p Progress) float64 { return s.C * kernel.Pow(float64(p.Step+1), -s.P) }

// Steps is Start·Factorʲ, where j counts the marks that step k has reached.
type Steps struct {
	Start  float64
	Factor float64
	At     []int // ascending
}

// Rate implements [Schedule].
func (s Steps) Rate(p Progress) float64 {
	rate := s.Start
	for _, mark := range s.At {
		if p.Step < mark {
			break
		}
		rate *= s.Factor
	}
	return rate
}

// Cosine falls from Max at step 0 to Min at step Over along half a cosine and
// then stays (Loshchilov and Hutter, SGDR, ICLR 2017, equation 5, without
// restarts). An Over of 0 is Min throughout.
type Cosine struct {
	Max, Min float64
	Over     int
}

// Rate implements [Schedule].
func (s Cosine) Rate(p Progress) float64 {
	if p.Step >= s.Over {
		return s.Min
	}
	at := float64(p.Step) / float64(s.Over)
	return s.Min + float64((s.Max-s.Min)*float64(0.5*(1+kernel.Cos(math.Pi*at))))
}

// WarmUp multiplies the first Over step sizes of Then by (k + 1)/(Over + 1);
// Then sees the same progress (linear warm-up of Goyal et al. 2017).
type WarmUp struct {
	Over int
	Then Schedule
}

// Rate implements [Schedule].
func (s WarmUp) Rate(p Progress) float64 {
	rate := s.Then.Rate(p)
	if p.Step >= s.Over {
		return rate
	}
	return rate * float64(p.Step+1) / float64(s.Over+1)
}

// PerEpoch counts epochs in place of steps, as the analyses of sampling without
// replacement do: α is constant within an epoch.
type PerEpoch struct{ Schedule }

// Rate implements [Schedule].
func (s PerEpoch) Rate(p Progress) float64 {
	return s.Schedule.Rate(Progress{Step: p.Epoch, Epoch: p.Epoch})
}
