package conservative

import "sync"

// kept is a table of what is costly to find again. It is safe for concurrent use.
type kept[V any] struct {
	mutex sync.Mutex
	of    map[string]V
	size  int
}

// keptNumbers bounds the numbers in a table: some megabytes of floats, ten times as many
// of rationals. A table that would have more forgets all and begins anew.
const keptNumbers = 1 << 17

func (k *kept[V]) get(key string) (v V, known bool) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	v, known = k.of[key]
	return v, known
}

// put keeps v, which has so many numbers.
func (k *kept[V]) put(key string, v V, size int) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.size += size; k.of == nil || k.size > keptNumbers {
		k.of, k.size = map[string]V{}, size
	}
	k.of[key] = v
}
