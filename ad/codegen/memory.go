package codegen

import "fmt"

// localRoom is how many numbers a function keeps on its stack; more are the caller's.
const localRoom = 512

// memory gives slices places in one room; a place is used again when nobody reads it any more.
type memory struct {
	size int
	free map[int][]int // places by size
}

func (m *memory) take(size int) int {
	if list := m.free[size]; len(list) > 0 {
		m.free[size] = list[:len(list)-1]
		return list[len(list)-1]
	}
	m.size += size
	return m.size - size
}

func (m *memory) release(at, size int) { m.free[size] = append(m.free[size], at) }

// place finds out which values stand in slices, and where.
func (g *generator) place() {
	g.markStored()
	g.lifetimes()
	dies := map[int][]*value{}
	at := map[*value]int{}
	for i, s := range g.steps {
		room := 0
		for _, v := range s.values {
			if v.stored && v.slice == "" {
				at[v] = g.memory.take(v.size)
				v.slice = g.names.fresh(v.name + "s")
				g.declare[i] = append(g.declare[i], declaration{v.slice, at[v], v.size})
				dies[v.last] = append(dies[v.last], v)
			}
			if one := singles[v.op]; v.kind == single && one.room != nil {
				room += one.room(v)
			}
		}
		if room > 0 {
			from := g.memory.take(room)
			name := g.names.fresh("spare")
			g.declare[i] = append(g.declare[i], declaration{name, from, room})
			g.spare[s.values[0]] = name
			g.memory.release(from, room)
		}
		for _, v := range dies[i] {
			g.memory.release(at[v], v.size)
		}
	}
}

// declaration is a slice of the room.
type declaration struct {
	name     string
	at, size int
}

func (d declaration) text() string {
	return fmt.Sprintf("%s := room[%d:%d:%d]\n", d.name, d.at, d.at+d.size, d.at+d.size)
}

// markStored marks loops whose entries are read outside of the loop, and statements that make slices. The first
// output of a value stands in dst.
func (g *generator) markStored() {
	for _, s := range g.steps {
		for _, v := range s.values {
			switch v.kind {
			case single:
				v.stored = !singles[v.op].returns(v)
			case loop:
				for _, r := range v.readers {
					v.stored = v.stored || r.group != v.group
				}
			}
		}
	}
	for k, o := range g.out {
		if k == 0 && g.returns || o.kind != single && o.kind != loop || o.kind == single && !o.stored || o.slice != "" || o.size != o.shape.Size() {
			continue
		}
		o.stored = true
		o.slice = g.names.fresh(o.name + "s")
		g.inDst = append(g.inDst, fmt.Sprintf("%s := dst[%d:%d:%d]\n", o.slice, g.offset[k], g.offset[k]+o.size, g.offset[k]+o.size))
		g.written[k] = true
	}
}

// lifetimes finds the last step in which each slice is read.
func (g *generator) lifetimes() {
	for i, s := range g.steps {
		for _, v := range s.values {
			v.last = max(v.last, i)
			for _, a := range v.args {
				a.last = max(a.last, i)
				if a.kind == view {
					a.base.last = max(a.base.last, i)
				}
			}
		}
	}
	for _, o := range g.out {
		o.last = len(g.steps)
		if o.kind == view {
			o.base.last = len(g.steps)
		}
	}
}
