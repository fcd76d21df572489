package convex

import "context"

// term says when a search has to stop, whether or not it is done: never, if there is
// no context.
type term struct{ ctx context.Context }

func (t term) over() bool { return t.ctx != nil && t.ctx.Err() != nil }

// err is the context's error if the search has to stop.
func (t term) err() error {
	if t.ctx == nil {
		return nil
	}
	return t.ctx.Err()
}
