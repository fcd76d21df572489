package convex

// LinearMap is a linear map from ℝᵐ to ℝⁿ that is known by its action.
type LinearMap interface {
	// Dims returns n and m.
	Dims() (rows, columns int)
	// Apply writes the image of x, of length m, to dst, of length n.
	Apply(dst, x []float64)
	// ApplyTranspose writes the image of y, of length n, under the transpose to
	// dst, of length m.
	ApplyTranspose(dst, y []float64)
}

// Image returns the image of a set under the matrix with the given rows, which are
// copied: {Mp : p in the set}. With columns gⱼ and the box [−1, 1]ᵐ it is the
// zonotope Σ [−1, 1]·gⱼ.
//
// The error is an [*InputError] if there are no rows, if a row is not as long as
// the set has dimensions, or if an entry is NaN or infinite.
func Image(rows [][]float64, set Set) (Set, error) {
	if _, err := validate("rows", rows, finite); err != nil {
		return nil, err
	}
	m := &matrix{rows: len(rows), columns: len(rows[0])}
	for j := range m.columns {
		for _, row := range rows {
			m.flat = append(m.flat, row[j])
		}
	}
	return ImageUnder(m, set)
}

// ImageUnder returns the image of a set under a linear map. Its support function at
// d is that of the set at the transpose's image of d.
//
// The error is an [*InputError] if the map does not start from the dimension of
// the set or has no rows.
func ImageUnder(m LinearMap, set Set) (Set, error) {
	if err := validateSets([]Set{set}, false); err != nil {
		return nil, err
	}
	rows, columns := m.Dims()
	if rows < 1 || columns != set.Dim() {
		return nil, &InputError{"map", -1, -1, dimensions(columns, set.Dim()), ErrDimension}
	}
	return &image{composedOf(set), m, set, rows, make([]float64, columns), make([]float64, columns)}, nil
}

type image struct {
	composed
	by          LinearMap
	set         Set
	dim         int
	point, pull []float64 // in the space of the set: a point, and the direction there
}

func (i *image) Dim() int { return i.dim }

func (i *image) Support(dst, direction []float64) {
	i.by.ApplyTranspose(i.pull, direction)
	i.set.Support(i.point, i.pull)
	i.by.Apply(dst, i.point)
}

func (i *image) SupportBound(dst, direction []float64) (upper float64) {
	i.by.ApplyTranspose(i.pull, direction)
	upper = supportBound(i.set, i.point, i.pull)
	i.by.Apply(dst, i.point)
	return upper
}

// matrix is a dense matrix, column by column.
type matrix struct {
	rows, columns int
	flat          []float64
}

func (m *matrix) Dims() (rows, columns int) { return m.rows, m.columns }

func (m *matrix) column(j int) []float64 { return m.flat[j*m.rows : (j+1)*m.rows] }

func (m *matrix) Apply(dst, x []float64) {
	clear(dst)
	for j, c := range x {
		if c != 0 {
			addScaled(dst, c, m.column(j))
		}
	}
}

func (m *matrix) ApplyTranspose(dst, y []float64) {
	for j := range dst {
		dst[j] = inner(y, m.column(j))
	}
}
