package minimize

import (
	"encoding/json"
	"math"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// schema is the number of the format that MarshalJSON writes.
const schema = 1

// object is the report as JSON.
type object struct {
	Schema      int            `json:"schema"`
	X           jsonnum.List   `json:"x"` // flat
	F           jsonnum.Number `json:"f"`
	OracleCalls int            `json:"oracle_calls"`
	Method      string         `json:"method"`
	Certificate certificate    `json:"certificate"`
	Status      string         `json:"status"`
	Message     string         `json:"message"`
}

type certificate struct {
	MinNorm  jsonnum.List   `json:"min_norm"`
	Distance jsonnum.Number `json:"distance"`
	Radius   jsonnum.Number `json:"radius"`
}

// MarshalJSON implements json.Marshaler. A run without certificate knows no bound: its distance is
// infinite and its min_norm empty.
func (r *Report) MarshalJSON() ([]byte, error) {
	o := object{
		Schema: schema, X: r.X, F: jsonnum.Number(r.F), OracleCalls: r.Calls, Method: r.Method,
		Certificate: certificate{Distance: jsonnum.Number(math.Inf(1))},
		Status:      string(r.Status), Message: r.Message,
	}
	if c := r.Certificate; r.hasCertificate() {
		o.Certificate = certificate{c.MinNorm, jsonnum.Number(c.Distance), jsonnum.Number(c.Radius)}
	}
	return json.Marshal(o)
}
