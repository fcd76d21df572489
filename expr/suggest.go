package expr

import "strings"

// foreign maps names that other languages have for our ops.
var foreign = map[string]string{
	"ln": "log", "fabs": "abs", "maximum": "max", "minimum": "min", "clip": "clamp", "norm": "norm2",
	"average": "mean", "sgn": "sign", "logistic": "sigmoid", "softshrink": "softthreshold",
}

// Suggest returns the name of the op that s may have been meant to be, among the
// primitives that can be called and the given ops; "" if none is close.
func Suggest(s string, ops ...*Op) string {
	s = strings.ToLower(s)
	if name, ok := foreign[s]; ok {
		return name
	}
	best, most := "", (len(s)+1)/3
	if len(s) > 2*len("softthreshold") {
		return ""
	}
	for _, op := range append(Ops(), ops...) { // in order, so the answer is the same every time
		if op == opInput || op == opSlot {
			continue
		}
		if d := distance(s, op.Name); d <= most {
			best, most = op.Name, d-1
		}
	}
	return best
}

// distance is the number of insertions, deletions, replacements and exchanges of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
