package conservative

import "context"

// regions keeps the bounds of the adjoints of a group over regions. They do not depend
// on the function that is maximised there: all searches for support functions of a field
// share them, and the search for its nearest point asks for dozens.
type regions[T any] struct {
	*system[T]
	list []int
	all  region[T] // the whole of the group
	kept[*relaxation[T]]
}

// whole is relax for all slots.
func (k *regions[T]) whole(ctx context.Context) *relaxation[T] { return k.relax(ctx, k.all) }

// relax is that of the system.
func (k *regions[T]) relax(ctx context.Context, at region[T]) *relaxation[T] {
	return k.recall(ctx, at, func() *relaxation[T] { return k.system.relax(ctx, k.list, at) })
}

// part is that of a relaxation.
func (k *regions[T]) part(r *relaxation[T], at region[T], block int) *relaxation[T] {
	return k.recall(r.ctx, at, func() *relaxation[T] { return r.part(at, block) })
}

// recall computes the bounds of a region where they are not known, and keeps them unless
// the context has ended: they are too wide then.
func (k *regions[T]) recall(ctx context.Context, at region[T], compute func() *relaxation[T]) *relaxation[T] {
	key := k.keyOf(at)
	if r, known := k.get(key); known {
		again := *r
		again.ctx = ctx
		return &again
	}
	r := compute()
	if ctx.Err() == nil {
		k.put(key, r, 2*k.m*len(k.back))
	}
	return r
}

// keyOf tells regions of the group apart.
func (k *regions[T]) keyOf(at region[T]) string {
	var key []byte
	for _, b := range k.list {
		key = append(key, byte(at.signs[b]))
		if !k.shape.free[b] || at.held[b] == nil {
			continue
		}
		for _, v := range at.held[b] {
			key = k.key(append(key, 'h'), v)
		}
	}
	return string(key)
}
