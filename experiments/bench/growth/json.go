package growth

import "github.com/tamegrad/tamegrad/experiments/jsonnum"

// record is a curve as JSON: the law without its functions, and numbers that may be none.
type record struct {
	Name        string         `json:"name"`
	Sentence    string         `json:"sentence"`
	Axis        string         `json:"axis"`
	Quantity    Quantity       `json:"quantity"`
	Unit        string         `json:"unit"`
	Exponential bool           `json:"exponential"`
	Exact       bool           `json:"exact"`
	Formula     string         `json:"formula"`
	Derivation  string         `json:"derivation"`
	Points      []pointRecord  `json:"points"`
	Fits        []fitRecord    `json:"fits"`
	Fixed       jsonnum.Number `json:"fixed"`
	Rate        jsonnum.Number `json:"rate"`
}

type pointRecord struct {
	Size      int            `json:"size"`
	Low       jsonnum.Number `json:"low"`
	Median    jsonnum.Number `json:"median"`
	High      jsonnum.Number `json:"high"`
	Predicted jsonnum.Number `json:"predicted"`
	Local     jsonnum.Number `json:"local"`
}

type fitRecord struct {
	From      int            `json:"from"`
	To        int            `json:"to"` // 0 is no end
	Sizes     int            `json:"sizes"`
	Reason    string         `json:"reason"`
	Below     jsonnum.Number `json:"below"`
	Above     jsonnum.Number `json:"above"`
	Predicted jsonnum.Number `json:"predicted"`
	Exponent  jsonnum.Number `json:"exponent"`
	StdErr    jsonnum.Number `json:"stderr"`
	Verdict   Verdict        `json:"verdict"`
}

// MarshalJSON implements json.Marshaler.
func (c Curve) MarshalJSON() ([]byte, error) {
	l, num := c.Law, func(x float64) jsonnum.Number { return jsonnum.Number(x) }
	r := record{
		Name: l.Name, Sentence: l.Sentence, Axis: l.Axis, Quantity: l.Quantity, Unit: l.Quantity.Unit(),
		Exponential: l.Exponential, Exact: l.Exact, Formula: l.Formula, Derivation: l.Derivation,
		Points: []pointRecord{}, Fits: []fitRecord{}, Fixed: num(c.Overhead.Fixed), Rate: num(c.Overhead.Rate),
	}
	for _, p := range c.Points {
		r.Points = append(r.Points, pointRecord{p.Size, num(p.Low), num(p.Median), num(p.High), num(p.Predicted), num(p.Local)})
	}
	for _, f := range c.Fits {
		r.Fits = append(r.Fits, fitRecord{
			f.Range.From, f.Range.To, f.Sizes, f.Range.Reason, num(f.Range.Below), num(f.Range.Above),
			num(f.Predicted), num(f.Exponent), num(f.StdErr), f.Verdict,
		})
	}
	return jsonnum.Line(r)
}
