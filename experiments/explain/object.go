package explain

import (
	"bytes"
	"encoding/json"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// object is a JSON object whose keys keep the order in which they were set.
type object []field

type field struct {
	key   string
	value any
}

func (o *object) set(key string, value any) { *o = append(*o, field{key, value}) }

// numbers sets a list and, in rational arithmetic, its exact sibling.
func (o *object) numbers(key string, v *clarke.Vector) {
	if v == nil {
		o.set(key, nil)
		return
	}
	o.set(key, jsonnum.List(v.Float))
	if v.Exact != nil {
		o.set(key+"_exact", texts(v.Exact))
	}
}

// number sets a scalar, see numbers.
func (o *object) number(key string, v *clarke.Vector) {
	if v == nil {
		o.set(key, nil)
		return
	}
	o.set(key, jsonnum.Number(v.Float[0]))
	if v.Exact != nil {
		o.set(key+"_exact", v.Exact[0].RatString())
	}
}

// rows sets a list of lists; nil is written null.
func (o *object) rows(key string, rows []clarke.Vector) {
	if rows == nil {
		o.set(key, nil)
		return
	}
	floats, exact := matrix(rows)
	o.set(key, floats)
	if exact != nil {
		o.set(key+"_exact", exact)
	}
}

// matrices sets a list of lists of lists.
func (o *object) matrices(key string, list [][]clarke.Vector) {
	floats, exact := make([]jsonnum.Matrix, len(list)), make([][][]string, len(list))
	rational := true
	for i, rows := range list {
		floats[i], exact[i] = matrix(rows)
		rational = rational && exact[i] != nil
	}
	o.set(key, floats)
	if rational {
		o.set(key+"_exact", exact)
	}
}

// matrix returns rows in both forms; exact is nil if not all are rational.
func matrix(rows []clarke.Vector) (floats jsonnum.Matrix, exact [][]string) {
	floats, exact = make(jsonnum.Matrix, len(rows)), make([][]string, len(rows))
	rational := true
	for i, r := range rows {
		floats[i], exact[i] = r.Float, texts(r.Exact)
		rational = rational && r.Exact != nil
	}
	if !rational {
		exact = nil
	}
	return floats, exact
}

func texts(r []*big.Rat) []string {
	out := make([]string, len(r))
	for i, x := range r {
		out[i] = x.RatString()
	}
	return out
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{f.key, f.value} {
			text, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				b.WriteByte(':')
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
