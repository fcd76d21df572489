package descent

import "context"

// Polished is a method whose answer is polished, if the oracle is [Structured]: it ends within rounding of the
// minimum where the active kinks can be identified, and as the method ended where not.
type Polished struct {
	Method Method // nil means Auto
	Polish Polish
}

// Name implements Method.
func (p Polished) Name() string { return "polished " + p.method().Name() }

func (p Polished) method() Method {
	if p.Method == nil {
		return Auto{}
	}
	return p.Method
}

// Minimize implements Method. The calls are those of the method and then those of the polish, within one limit.
func (p Polished) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	r, err := p.method().Minimize(ctx, f, start, l)
	if err != nil {
		return nil, err
	}
	r.Method = p.Name()
	defaultTo(&l.Calls, defaultCalls)
	s, ok := f.(Structured)
	if left := l.Calls - r.Calls; ok && left > 0 && r.Status != Unbounded && r.Status != Interrupted {
		out, err := p.Polish.refine(ctx, s, r, left)
		if err != nil {
			return nil, err
		}
		return out.Result, nil
	}
	return r, nil
}
