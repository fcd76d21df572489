// Package explain analyses one expression at one point: what frameworks
// return, the conservative field of the program and Clarke's subdifferential of
// the function, with what is proved about each.
package explain

import (
	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
)

// Schema is the version of the JSON form.
const Schema = 1

// Report is the analysis. Derivatives list coordinates in the order of Inputs; of a
// vector-valued expression they are Jacobians, flat row by row.
type Report struct {
	Expression string
	At         Point // in the order of the program's inputs
	Tol        float64
	Inputs     []string
	Exact      bool // all numbers are rational, apart from directions and norms
	Class      expr.Class
	Refused    string // why the sets are not given, or ""
	Value      clarke.Vector
	Scalar     bool   // one output entry without axes
	Outputs    int    // entries of the value
	Note       string // why sets are not given although nothing is refused, or ""

	Selections   []Selection
	Kinks        []ad.Kink
	Conservative *conservative.Field // nil if refused, or too large
	Clarke       *clarke.Subdifferential
	// IsHull says that ∂f is proved to be conv D; Gap is a bound of the Hausdorff
	// distance between conv D and what is known to be in ∂f.
	IsHull        bool
	Gap           float64
	Lexicographic []clarke.Vector // rows; nil if refused
	Along         *Along          // nil unless asked for
	Support       *Support        // nil unless asked for
	Spurious      []clarke.Vector // vertices of conv D that are not in ∂f; nil if not known
}

// Along is a one-sided directional derivative f′(x; Direction).
type Along struct {
	Direction  clarke.Vector
	Derivative *clarke.Vector // a number for each output entry; nil if refused
}
