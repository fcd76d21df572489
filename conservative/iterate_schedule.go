package conservative

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// Schedule says which element [A B] of J_F a step of a piggyback iteration takes,
// where kinks are active. Make one with Wired, Scheduled or Drawn.
type Schedule struct {
	wiring *ad.Wiring
	choose func(kinks []ad.Kink, step int) (assignment, error)
}

// Wired takes the same wiring at every step: what differentiating the loop
// returns under the conventions of a framework, if it is a preset's.
func Wired(w ad.Wiring) Schedule {
	return Schedule{&w, func([]ad.Kink, int) (assignment, error) { return nil, nil }}
}

// Drawn draws the value of every active slot at every step, about half of the
// time an extreme point of its set.
func Drawn(rng *rand.Rand) Schedule {
	return Schedule{nil, func(kinks []ad.Kink, _ int) (assignment, error) { return drawAssignment(kinks, rng), nil }}
}

// Scheduled asks a function for the value of every active block at every step:
// one number for each of k.Entries, within the block's set. Otherwise the
// iteration ends with a *SlotValueError.
func Scheduled(value func(step int, k *ad.Kink) []*big.Rat) Schedule {
	return Schedule{nil, func(kinks []ad.Kink, step int) (assignment, error) {
		s := make(assignment, len(kinks))
		for b := range s {
			k := &kinks[b]
			v := value(step, k)
			if why := outsideSet(k, v); why != "" {
				return nil, &SlotValueError{step, *k, why}
			}
			var ok bool
			if s[b], ok = overOne(v); !ok {
				return nil, &SlotValueError{step, *k, "the common denominator must be below 2^62"}
			}
		}
		return s, nil
	}}
}

// SlotValueError says that a schedule gave a value that an active block cannot
// take.
type SlotValueError struct {
	Step int
	Kink ad.Kink
	Why  string
}

func (e *SlotValueError) Error() string {
	return fmt.Sprintf("conservative: the schedule's value at step %d for %v%v: %s", e.Step, e.Kink.Slot, e.Kink.Index, e.Why)
}

// overOne writes numbers of size at most 1 over a common denominator.
func overOne(v []*big.Rat) (c choice, ok bool) {
	over := big.NewInt(1)
	for _, x := range v {
		gcd := new(big.Int).GCD(nil, nil, over, x.Denom())
		over.Mul(over, gcd.Quo(x.Denom(), gcd))
	}
	if over.BitLen() > 62 {
		return c, false
	}
	c = choice{make([]int, len(v)), int(over.Int64())}
	for i, x := range v {
		w := new(big.Int).Mul(x.Num(), over)
		c.weights[i] = int(w.Quo(w, x.Denom()).Int64())
	}
	return c, true
}

// outsideSet says why v is not in the block's set, or "".
func outsideSet(k *ad.Kink, v []*big.Rat) string {
	if len(v) != len(k.Entries) {
		return fmt.Sprintf("it has %d numbers; the block has %d entries", len(v), len(k.Entries))
	}
	if k.Slot.Kind == expr.DirectionSlot {
		return outsideBall(v)
	}
	one := big.NewRat(1, 1)
	for _, x := range v {
		if x == nil || x.Sign() < 0 || x.Cmp(one) > 0 {
			return fmt.Sprintf("%v is not in [0, 1]", x)
		}
	}
	switch k.Slot.Kind {
	case expr.RankSlot:
		return wrongSum(v, 0, 1, len(v), k.Count)
	case expr.PermutationSlot:
		for i := range k.Count {
			if why := cmp.Or(wrongSum(v, i*k.Count, 1, k.Count, 1), wrongSum(v, i, k.Count, k.Count, 1)); why != "" {
				return why
			}
		}
	}
	return ""
}

func outsideBall(v []*big.Rat) string {
	sum := new(big.Rat)
	for _, x := range v {
		if x == nil {
			return "a number is nil"
		}
		sum.Add(sum, new(big.Rat).Mul(x, x))
	}
	if sum.Cmp(big.NewRat(1, 1)) > 0 {
		return "its norm is above 1"
	}
	return ""
}

// wrongSum says that n numbers, by steps from a first one, do not add up.
func wrongSum(v []*big.Rat, from, step, n, want int) string {
	sum := new(big.Rat)
	for i := range n {
		sum.Add(sum, v[from+i*step])
	}
	if sum.Cmp(big.NewRat(int64(want), 1)) != 0 {
		return fmt.Sprintf("weights add up to %s instead of %d", sum.RatString(), want)
	}
	return ""
}
