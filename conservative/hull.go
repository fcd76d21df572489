package conservative

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/clarke"
)

// chunk is how many points join a hull at a time, and largestHull how many
// extreme points are followed: the search is quadratic in them.
const (
	chunk       = 1024
	largestHull = 2048
)

// tooMany says that a search for extreme points was given up.
type tooMany struct{ points int }

func (e *tooMany) Error() string {
	return fmt.Sprintf("more than %d extreme points among %d points are not followed", largestHull, e.points)
}

// hullOf returns the indices of the extreme points of the points, which then
// ascend lexicographically. The error is a *tooMany if it gives up.
func hullOf(ctx context.Context, points []clarke.Vector) ([]int, error) {
	var index []int
	for from := 0; from < len(points); from += chunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := from; i < min(from+chunk, len(points)); i++ {
			index = append(index, i)
		}
		_, extreme, err := clarke.ExtremePointsContext(ctx, pick(points, index))
		if err != nil {
			return nil, err
		}
		if index = pick(index, extreme); len(index) > largestHull {
			return nil, &tooMany{len(points)}
		}
	}
	return index, nil
}

// pick returns the listed items.
func pick[T any](items []T, index []int) []T {
	out := make([]T, len(index))
	for i, k := range index {
		out[i] = items[k]
	}
	return out
}
