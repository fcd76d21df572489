package peer

import "math"

// Stream draws the inputs of workloads: xorshift64* (S. Vigna, ACM Trans. Math. Software 42, 2016, art. 30), for it is
// three lines in every language. The seed must not be 0.
type Stream uint64

// Unit draws from [0, 1).
func (s *Stream) Unit() float64 {
	x := uint64(*s)
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*s = Stream(x)
	return float64((x*2685821657736338717)>>11) / (1 << 53)
}

// Symmetric draws from [−1, 1).
func (s *Stream) Symmetric() float64 { return math.FMA(2, s.Unit(), -1) }

// Symmetrics draws n numbers from [−scale, scale).
func (s *Stream) Symmetrics(n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = scale * s.Symmetric()
	}
	return x
}

// Units draws n numbers from [0, 1).
func (s *Stream) Units(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = s.Unit()
	}
	return x
}

// OneHot draws rows of 0 with a 1 in one of the columns.
func (s *Stream) OneHot(rows, columns int) []float64 {
	y := make([]float64, rows*columns)
	for i := range rows {
		y[i*columns+int(s.Unit()*float64(columns))] = 1
	}
	return y
}

// Checksum sums up numbers so that order and sign matter: Σ xᵢ·(1 + i mod 7). Size is that of |xᵢ|, the scale of the
// rounding errors in Sum.
type Checksum struct {
	Sum, Size float64
	count     int
}

// Add goes on with more numbers.
func Add[T float32 | float64](c *Checksum, x []T) {
	for _, v := range x {
		w := 1 + float64(c.count%7)
		c.Sum += w * float64(v)
		c.Size += w * math.Abs(float64(v))
		c.count++
	}
}

// Next lets the weights begin again, as for the next of many gradients.
func (c *Checksum) Next() { c.count = 0 }

// Of is the checksum of slices that follow each other.
func Of[T float32 | float64](slices ...[]T) Checksum {
	var c Checksum
	for _, x := range slices {
		Add(&c, x)
	}
	return c
}
