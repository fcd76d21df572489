package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/verify"
	"github.com/tamegrad/tamegrad/testdata/known"
)

// explained returns an object as explain prints it.
func explained(t testing.TB, q explain.Request, at string) []byte {
	var err error
	q.At, err = explain.ParsePoint(at)
	require.NoError(t, err)
	r, err := explain.Analyze(context.Background(), q)
	require.NoError(t, err)
	line, err := jsonnum.Line(r)
	require.NoError(t, err)
	return line
}

func recheck(_ require.TestingT, object []byte) (*verify.Result, error) {
	o, err := verify.NewReader(bytes.NewReader(object)).Next()
	if err != nil {
		return nil, err
	}
	return verify.Recheck(context.Background(), o)
}

// requireHolds checks that nothing fails, and that only the named checks are open.
func requireHolds(t testing.TB, object []byte, open ...string) {
	r, err := recheck(t, object)
	require.NoError(t, err)
	found := []string{}
	for _, c := range r.Checks {
		require.NotEqual(t, verify.Fails, c.Status, "%s of %s: %s", c.Name, r.Expression, c.Text)
		if c.Status == verify.Open {
			found = append(found, c.Name)
		}
	}
	require.Equal(t, append([]string{}, open...), found, r.Expression)
}

func rowObject(t testing.TB, row known.Function) []byte {
	var at []string
	for _, name := range slices.Sorted(maps.Keys(row.At)) {
		at = append(at, name+"="+row.At[name])
	}
	q := explain.Request{Expression: row.Expression}
	n := len(row.At)
	for i := range n {
		q.Along = append(q.Along, big.NewRat(int64(2*i+1), 3))
		q.Support = append(q.Support, big.NewRat(int64(3-5*i), 2))
	}
	return explained(t, q, strings.Join(at, ","))
}

// Every answer on the known functions is rechecked in full.
func TestKnownAnswersHold(t *testing.T) {
	rows, err := known.Functions()
	require.NoError(t, err)
	for _, row := range rows {
		t.Run(row.ID, func(t *testing.T) { requireHolds(t, rowObject(t, row)) })
	}
}

// A median of four has two ranks, which may tie at two values at once: two kinks of one slot, told apart by their order.
func TestKinksOfOneSlot(t *testing.T) {
	q := explain.Request{Expression: "norminf([y-1, x+1, x-1, y+1]) + median([y-1, x+1, x-1, y+1])"}
	object := explained(t, q, "x=0,y=0")
	require.Contains(t, string(object), `"zero_slots":[{`)
	requireHolds(t, object)
}

// Where 0 is not in conv D the point is no minimum, also if norms are active and no drawn direction descends.
// The minimal norm itself is not rechecked where norms are active, so it stays open.
func TestNormsBesideADescent(t *testing.T) {
	object := explained(t, explain.Request{Expression: "norm1(norm2(y)) + median(x)"}, "x=[0,0,0],y=[[0,0,0],[0,0,0]]")
	require.Contains(t, string(object), `"minimality":"not a local minimum"`)
	requireHolds(t, object, "conservative.min_norm", "conservative.hull_contains_zero", "verdicts")
}

// tree is a JSON value.
type tree = any

// leaf is the path of a number in an object and how to change it.
type leaf struct {
	path   string
	change func()
	undo   func()
}

// numbers lists the numbers of an object. A change adds 2 to the number and to its
// exact sibling, so that only what the number says is wrong.
func numbers(o map[string]tree) (out []leaf) {
	var visit func(path string, float, exact tree, set func(float, exact tree))
	visit = func(path string, float, exact tree, set func(float, exact tree)) {
		switch f := float.(type) {
		case map[string]tree:
			for _, key := range slices.Sorted(maps.Keys(f)) {
				if base, sibling := strings.CutSuffix(key, "_exact"); sibling && f[base] != nil {
					continue
				}
				e := f[key+"_exact"]
				if path == "at" {
					e = o["at_exact"].(map[string]tree)[key]
				}
				visit(strings.TrimPrefix(path+"."+key, "."), f[key], e, func(float, exact tree) {
					f[key] = float
					if path == "at" {
						o["at_exact"].(map[string]tree)[key] = exact
					} else if exact != nil {
						f[key+"_exact"] = exact
					}
				})
			}
		case []tree:
			e, _ := exact.([]tree)
			for i := range f {
				var sibling tree
				if e != nil {
					sibling = e[i]
				}
				visit(fmt.Sprintf("%s[%d]", path, i), f[i], sibling, func(float, exact tree) {
					if f[i] = float; e != nil {
						e[i] = exact
					}
				})
			}
		case float64, json.Number:
			out = append(out, leaf{path, func() { set(moved(float), moved(exact)) }, func() { set(float, exact) }})
		}
	}
	visit("", o, nil, nil)
	return out
}

// moved adds 2, more than a choice at a kink allows.
func moved(v tree) tree {
	switch v := v.(type) {
	case json.Number:
		x, _ := new(big.Rat).SetString(v.String())
		f, _ := x.Add(x, big.NewRat(2, 1)).Float64()
		return json.Number(jsonnum.Number(f).String())
	case string:
		x, _ := new(big.Rat).SetString(v)
		return x.Add(x, big.NewRat(2, 1)).RatString()
	}
	return v
}

func decoded(t testing.TB, object []byte) map[string]tree {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	var o map[string]tree
	require.NoError(t, d.Decode(&o))
	return o
}

// rejected checks that an object fails, or cannot be read, and returns the messages.
func rejected(t testing.TB, o map[string]tree, what string) string {
	text, err := jsonnum.Line(jsonnum.Object(o))
	require.NoError(t, err)
	r, err := recheck(t, text)
	if err != nil {
		var format *verify.FormatError
		require.ErrorAs(t, err, &format, what)
		return err.Error()
	}
	require.NotZero(t, r.Count(verify.Fails), "%s of %s passes", what, r.Expression)
	var all []string
	for _, c := range r.Checks {
		if c.Status == verify.Fails {
			all = append(all, c.Text)
		}
	}
	return strings.Join(all, "\n")
}

// tampered are objects of many kinds: rational, vector-valued, mixed, with norms.
func tampered(t testing.TB) (out [][]byte) {
	rows, err := known.Functions()
	require.NoError(t, err)
	for _, row := range rows {
		if slices.Contains([]string{"T6", "T12", "T15a", "T24", "T26", "T32", "T36a", "T38", "T41", "T44", "T46"}, row.ID) {
			out = append(out, rowObject(t, row))
		}
	}
	q := explain.Request{Expression: "[relu(x), relu(x) - y/3]", Along: rats(1, 2), Support: rats(1, 0, -1, 1)}
	out = append(out, explained(t, q, "x=0,y=0"))
	out = append(out, explained(t, explain.Request{Expression: "sum(sort(v)*[1, 2, 4])"}, "v=[0,0,1]"))
	out = append(out, explained(t, explain.Request{Expression: "abs(x) + sqrt(1 + x)"}, "x=0"))
	return append(out, explained(t, explain.Request{Expression: "relu(sin(x)) - y", Support: rats(1, 2)}, "x=0,y=1/3"))
}

func rats(values ...int64) (out []*big.Rat) {
	for _, v := range values {
		out = append(out, big.NewRat(v, 1))
	}
	return out
}

// consequence says under which name the change of a value comes to light, if not
// under its own.
var consequence = map[string]string{
	"at": "", "along": "directional", "support.direction": "support.",
}

// mayHold reports whether another number may say something true: another direction
// may certify the same, see TestTamperedDirectionsFail, and functions other than x may
// have the same derivative, or the same support, along another direction.
func mayHold(o map[string]tree, path string) bool {
	return strings.HasPrefix(path, "clarke.certificates") && strings.Contains(path, ".direction") ||
		strings.HasPrefix(path, "clarke.descent") ||
		(strings.HasPrefix(path, "along") || strings.HasPrefix(path, "support.direction")) && o["expression"] != "relu(x) - relu(-x)"
}

// A change of any number by 2, its exact sibling included, is found, and named.
func TestTamperedNumbersFail(t *testing.T) {
	for _, object := range tampered(t) {
		requireHolds(t, object)
		o := decoded(t, object)
		for _, l := range numbers(o) {
			if mayHold(o, l.path) {
				continue
			}
			l.change()
			found := rejected(t, o, l.path)
			name := l.path
			for prefix, other := range consequence {
				if strings.HasPrefix(l.path, prefix) {
					name = other
				}
			}
			if name == l.path {
				name, _, _ = strings.Cut(l.path, "[")
			}
			require.Contains(t, found, name, "%v: %s", o["expression"], l.path)
			l.undo()
		}
		text, err := jsonnum.Line(jsonnum.Object(o))
		require.NoError(t, err)
		requireHolds(t, text)
	}
}

// A float that is changed alone no longer goes with its exact sibling.
func TestTamperedFloatsFail(t *testing.T) {
	o := decoded(t, explained(t, explain.Request{Expression: "x*relu(y) + x/3"}, "x=1/3,y=0"))
	n := 0
	for _, path := range []string{"value", "lexicographic"} {
		before := o[path]
		if list, ok := before.([]tree); ok {
			o[path] = append([]tree{json.Number("0.25")}, list[1:]...)
		} else {
			o[path] = json.Number("0.25")
		}
		require.Contains(t, rejected(t, o, path), path)
		o[path] = before
		n++
	}
	require.Equal(t, 2, n)
}

// Directions of other vertices, and 0, certify nothing.
func TestTamperedDirectionsFail(t *testing.T) {
	for _, object := range tampered(t) {
		o := decoded(t, object)
		c := o["clarke"].(map[string]tree)
		list := c["certificates"].([]tree)
		for i := range list {
			this, other := list[i].(map[string]tree), list[(i+1)%len(list)].(map[string]tree)
			before := maps.Clone(this)
			replace := func(float, exact tree) {
				if this["direction"] = float; before["direction_exact"] != nil {
					this["direction_exact"] = exact
				}
				require.Contains(t, rejected(t, o, "direction"), fmt.Sprintf("clarke.certificates[%d]", i))
				maps.Copy(this, before)
			}
			replace(zeroes(this["direction"], json.Number("0")), zeroes(this["direction"], "0"))
			if len(list) > 1 {
				replace(other["direction"], other["direction_exact"])
			}
		}
		if d := c["descent"]; d != nil {
			c["descent"] = zeroes(d, json.Number("0"))
			if c["descent_exact"] != nil {
				c["descent_exact"] = zeroes(d, "0")
			}
			require.Contains(t, rejected(t, o, "descent"), "clarke.descent")
		}
	}
}

func zeroes(list tree, zero tree) tree {
	out := []tree{}
	for range list.([]tree) {
		out = append(out, zero)
	}
	return out
}

// A change of any answer in words, or of a list to null, is found, and named.
func TestTamperedAnswersFail(t *testing.T) {
	words := map[string][]tree{
		"arithmetic": {"rational", "float64"}, "continuous": {true, false}, "lipschitz": {true, false},
		"class": {"affine", "piecewise affine"}, "refused": {"", "no"},
		"conservative.complete": {true, false}, "conservative.contains_zero": {"yes", "no"},
		"conservative.hull_contains_zero": {"yes", "no"}, "conservative.vertices": {nil}, "conservative.min_norm": {nil},
		"clarke.exact": {true, false}, "clarke.contains_zero": {"yes", "no", "unknown"}, "clarke.vertices": {nil},
		"clarke.minimality": {"local minimum", "not a local minimum"}, "clarke.min_norm": {nil}, "clarke.distance": {nil},
		"lexicographic": {nil}, "spurious": {nil, []tree{}}, "conservative": {nil}, "clarke": {nil},
		"verdicts.pytorch": {"clarke", "conservative", "neither", "unknown"},
		"verdicts.gomlx":   {"clarke", "conservative", "neither", "unknown"},
	}
	for _, object := range tampered(t) {
		for path, values := range words {
			o := decoded(t, object)
			m, key := o, path
			if head, tail, nested := strings.Cut(path, "."); nested {
				m, key = o[head].(map[string]tree), tail
			}
			before, exact := m[key], m[key+"_exact"]
			for _, v := range values {
				if fmt.Sprint(v) == fmt.Sprint(before) {
					continue
				}
				if m[key] = v; v == nil {
					delete(m, key+"_exact")
				} else if list, ok := v.([]tree); ok && exact != nil {
					m[key+"_exact"] = list
				}
				rejected(t, o, fmt.Sprint(path, " ", v))
				if m[key] = before; exact != nil {
					m[key+"_exact"] = exact
				}
			}
		}
	}
}

// Ties that only curvature settles are settled otherwise along a curve, and a switch
// that is off a tie by rounding alone is crossed by any step: neither is a fault.
func TestFinestTies(t *testing.T) {
	for expression, at := range map[string]string{
		"max(x^2, y/2)":            "x=0,y=0",
		"median([x^2, y/2, -y/2])": "x=0,y=0",
		"max(norm2([x + 2, y + 2, z + 1, w + 2]) - 4.35555127546399, -0.75) + relu(x) + relu(y)": "x=0,y=0,z=0,w=0",
	} {
		r, err := recheck(t, explained(t, explain.Request{Expression: expression}, at))
		require.NoError(t, err)
		for _, c := range r.Checks {
			require.NotEqual(t, verify.Fails, c.Status, "%s: %s: %s", expression, c.Name, c.Text)
		}
	}
}

// What float64 answers hold for by less than rounding is never said to hold: a vertex
// that is extreme by one rounding only, one that is as little outside ∂f, a 0 that is as
// little outside conv D. The wrong vertex of a certificate fails even if a step along
// its direction rounds to nothing in a coordinate.
func TestRoundingIsNoProof(t *testing.T) {
	const almost1 = json.Number("0.9999999999999999")
	doubled := explained(t, explain.Request{Expression: "abs(sin(x)) + abs(sin(x)) + y"}, "x=0,y=1/3")
	crossing := explained(t, explain.Request{Expression: "relu(sin(x))"}, "x=0")
	for what, c := range map[string]struct {
		object []byte
		check  string
		change func(o map[string]tree)
	}{
		"a vertex that is extreme by rounding": {doubled, "conservative.vertices", func(o map[string]tree) {
			insert(o["conservative"].(map[string]tree), "vertices", []tree{json.Number("0"), almost1})
		}},
		"a vertex of the other set": {doubled, "clarke.vertices", func(o map[string]tree) {
			clarke := o["clarke"].(map[string]tree)
			insert(clarke, "vertices", []tree{json.Number("0"), almost1})
			certificates := clarke["certificates"].([]tree)
			middle := map[string]tree{"vertex": []tree{json.Number("0"), almost1}, "direction": []tree{json.Number("1"), json.Number("0")}}
			clarke["certificates"] = []tree{certificates[0], middle, certificates[1]}
		}},
		"a spurious vertex that is outside by rounding": {doubled, "spurious", func(o map[string]tree) {
			insert(o["conservative"].(map[string]tree), "vertices", []tree{json.Number("0"), almost1})
			o["spurious"] = []tree{[]tree{json.Number("0"), almost1}}
		}},
		"a 0 that is outside by rounding": {crossing, "conservative.hull_contains_zero", func(o map[string]tree) {
			d, tiny := o["conservative"].(map[string]tree), json.Number("1e-17")
			d["vertices"].([]tree)[0] = []tree{tiny}
			d["min_norm"], d["distance"], d["hull_contains_zero"], d["contains_zero"] = []tree{tiny}, tiny, "no", "no"
		}},
	} {
		o := decoded(t, c.object)
		require.Equal(t, "float64", o["arithmetic"], what)
		c.change(o)
		text, err := jsonnum.Line(jsonnum.Object(o))
		require.NoError(t, err)
		r, err := recheck(t, text)
		require.NoError(t, err, what)
		require.Contains(t, statuses(r), c.check, what)
		require.NotEqual(t, verify.Holds, statuses(r)[c.check], what)
	}
}

// insert puts a vector between the two of a list.
func insert(o map[string]tree, key string, v tree) {
	list := o[key].([]tree)
	o[key] = []tree{list[0], v, list[1]}
}

func statuses(r *verify.Result) map[string]verify.Status {
	out := map[string]verify.Status{}
	for _, c := range r.Checks {
		out[c.Name] = c.Status
	}
	return out
}

// A direction with a coordinate that is lost in a step certifies nothing that the
// derivative at the point does not give.
func TestLostDirectionsCertifyNothingWrong(t *testing.T) {
	o := decoded(t, explained(t, explain.Request{Expression: "relu(sqrt(x) - sqrt(2)) + exp(y)"}, "x=2,y=1/3"))
	require.Equal(t, "float64", o["arithmetic"])
	certificates := o["clarke"].(map[string]tree)["certificates"].([]tree)
	require.Len(t, certificates, 2)
	for _, c := range certificates {
		d := c.(map[string]tree)["direction"].([]tree)
		d[0], d[1] = moved(moved(d[0])), json.Number("1e-30")
		if f, _ := d[0].(json.Number).Float64(); f < 0 {
			t.Fatal("the direction is to point to x > 2 for both")
		}
	}
	require.Contains(t, rejected(t, o, "directions"), "clarke.certificates[0]")
}

// A descent whose slope is 0 but for rounding is open, neither right nor wrong; one
// whose slope is clearly positive fails, however short its direction.
func TestDescentByRoundingIsOpen(t *testing.T) {
	const cancels = "let a = take(x0, 0, 1, 3, 0, 0, 0); let b = take(x0, 0, 1, 3, 0, 0, 0); let c = direction(a, b); " +
		"let d = affine(c, -1.5, 0.25); let e = const(1, 3, 1, -2, 0.25); dot(e, d)"
	object := explained(t, explain.Request{Expression: cancels}, "x0=-1")
	require.Equal(t, "not a local minimum", decoded(t, object)["clarke"].(map[string]tree)["minimality"])
	r, err := recheck(t, object)
	require.NoError(t, err)
	require.Zero(t, r.Count(verify.Fails))
	require.Equal(t, verify.Open, statuses(r)["clarke.minimality"])

	o := decoded(t, explained(t, explain.Request{Expression: "exp(x) + y"}, "x=0,y=1/3"))
	require.Equal(t, "float64", o["arithmetic"])
	for _, d := range [][]tree{
		{json.Number("1"), json.Number("0")},
		{json.Number("1e-17"), json.Number("0")},
		{json.Number("1e-17"), json.Number("-0.5e-17")},
	} {
		o["clarke"].(map[string]tree)["descent"] = d
		require.Contains(t, rejected(t, o, fmt.Sprint("descent ", d)), "clarke.descent")
	}
}

// A vector of one entry has a minimum, as its entry has.
func TestVectorsOfOne(t *testing.T) {
	for expression, minimality := range map[string]string{
		"[abs(x)]": "local minimum", "[2*x]": "not a local minimum", "[abs(x), x]": "unknown",
	} {
		object := explained(t, explain.Request{Expression: expression}, "x=0")
		require.Equal(t, minimality, decoded(t, object)["clarke"].(map[string]tree)["minimality"])
		requireHolds(t, object)
	}
	o := decoded(t, explained(t, explain.Request{Expression: "[-abs(x)]"}, "x=0"))
	clarke := o["clarke"].(map[string]tree)
	clarke["minimality"], clarke["descent"] = "local minimum", nil
	delete(clarke, "descent_exact")
	require.Contains(t, rejected(t, o, "minimality"), "clarke.minimality")
}
