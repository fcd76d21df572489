package stochastic

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd"
)

// Samplers that repeat rows, or never repeat them, or leave the last minibatch out, are seen.
func TestWrongSamplersFail(t *testing.T) {
	spoiled := func(without, with sgd.Sampling) []string {
		return failures(t, epochCounts(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runEpochs(ctx, c, without, with)
		})
	}
	without, with := sgd.Sampling{Order: sgd.Reshuffled}, sgd.Sampling{Order: sgd.WithReplacement}
	require.Empty(t, spoiled(without, with))
	require.Equal(t, []string{"every-row-once"}, spoiled(with, with))
	require.Equal(t, []string{"unvisited-b1", "unvisited-b7", "unvisited-b16", "unvisited-b60"}, spoiled(without, without))
	require.Subset(t, spoiled(sgd.Sampling{DropLast: true}, with), []string{"gradients-b7", "gradients-b16", "every-row-once"})
}
