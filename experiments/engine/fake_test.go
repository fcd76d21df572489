package engine

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

var errBroken = errors.New("the disk is full")

// fake returns a claim that does what its name says; calls counts its runs.
func fake(name string, calls *atomic.Int64, body func(context.Context, *claim.Context) error) claim.Claim {
	return claim.Claim{
		Numbers: []int{1}, Name: name, Sentence: "Coins are fair.", Source: "Bernoulli 1713",
		Params: []claim.Param{
			claim.Int("flips", 100, "coin flips").AtFull(200).Between(1, 1e9),
			claim.Float("bias", 0.5, "probability of heads").Between(0, 1),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			calls.Add(1)
			if err := body(ctx, c); err != nil {
				return claim.Outcome{}, err
			}
			return flips(ctx, c)
		},
	}
}

// flips uses everything a claim can: streams, workers, trace, figure, rows and a result.
func flips(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	heads := make([]float64, c.Int("flips"))
	err := c.Each(ctx, len(heads), func(_ context.Context, i int) error {
		if c.Rand(claim.At("flip", i)).Float64() < c.Float("bias") {
			heads[i] = 1
		}
		return nil
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	sum, x := 0, make([]float64, len(heads))
	for i, head := range heads {
		sum += int(head)
		x[i] = float64(i)
		if err := c.Trace(jsonnum.Object{"flip": i, "head": head, "odds": head / (1 - head)}); err != nil {
			return claim.Outcome{}, err
		}
	}
	plot := figure.Figure{
		X: figure.Axis{Label: "flip", Unit: "1"}, Y: figure.Axis{Label: "heads", Unit: "1"},
		Series: []figure.Series{{Name: "heads", X: x, Y: heads}},
	}
	if err := c.Figure("heads", plot); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: []claim.Check{{Predicted: claim.Covered(0.5, 0.5), Measured: claim.Proportion(sum, len(heads), claim.Alpha)}},
		Result: jsonnum.Object{"heads": sum, "none": math.NaN()},
	}, nil
}

func nothing(context.Context, *claim.Context) error { return nil }

func testEngine(t testing.TB) Engine {
	return Engine{Out: t.TempDir(), Workers: 2, Build: Build{Commit: "abc", Go: "go1", Arch: "amd64", SIMD: "go"}}
}

func plan(t testing.TB, claims ...claim.Claim) []Cell {
	cells, err := Plan(claims, claim.Quick, 1, nil)
	require.NoError(t, err)
	return cells
}

func mustRun(t testing.TB, e Engine, cells []Cell) Ledger {
	ledger, err := e.Run(context.Background(), cells)
	require.NoError(t, err)
	return ledger
}

// tree reads all files below a folder, by path.
func tree(t testing.TB, folder string) map[string]string {
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = string(text)
		return err
	}))
	return files
}

func runFolder(e Engine, run Run) string { return filepath.Join(e.Out, run.Claim, run.Key) }

func fixedClock(start time.Time) func() time.Time { return func() time.Time { return start } }
