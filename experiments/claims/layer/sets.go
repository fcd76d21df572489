package layer

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
)

// sets computes both sets of one program at many points.
type sets struct {
	limits *clarke.Analyzer
	fields *conservative.Analyzer
}

func newSets(f *expr.Func) (*sets, error) {
	limits, err := clarke.NewAnalyzer(f, clarke.Options{})
	if err != nil {
		return nil, err
	}
	fields, err := conservative.NewAnalyzer(f, conservative.Options{})
	return &sets{limits, fields}, err
}

// at returns ∂f and D at a point. Sets that ended early are bounds, so a context that ended is an error.
func (s *sets) at(ctx context.Context, x []*big.Rat) (*clarke.Subdifferential, *conservative.Field, error) {
	at := clarke.RationalPoint(x)
	limits, err := s.limits.At(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	field, err := s.fields.At(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	return limits, field, ctx.Err()
}
