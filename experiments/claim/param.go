package claim

import (
	"math"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// Param declares one parameter of a claim. Make it with [Int], [Float], [Bool], [Text],
// [Ints] or [Floats], whose type is that of the value given.
type Param struct {
	Name string // lower-case words joined by hyphens or underscores
	Doc  string // what it is, with its unit
	// Quick and Full are the defaults of the two profiles, of one type among
	// int, float64, bool, string, []int and []float64.
	Quick, Full any
	// Min and Max bound numbers, both inclusive and for lists entry by entry.
	Min, Max float64
	// Choices lists the admissible texts.
	Choices []string
	// bounded tells that Between was called: a forgotten bound is refused, not guessed.
	bounded bool
}

// Int declares a whole number.
func Int(name string, quick int, doc string) Param { return declare(name, quick, doc) }

// Float declares a real number. NaN is never admissible.
func Float(name string, quick float64, doc string) Param { return declare(name, quick, doc) }

// Bool declares a switch, true or false.
func Bool(name string, quick bool, doc string) Param { return declare(name, quick, doc) }

// Text declares a choice among a few words, listed by [Param.Among].
func Text(name, quick, doc string) Param { return declare(name, quick, doc) }

// Ints declares a non-empty list of whole numbers, written 1,2,3.
func Ints(name string, quick []int, doc string) Param { return declare(name, quick, doc) }

// Floats declares a non-empty list of real numbers, written 0.1,0.01.
func Floats(name string, quick []float64, doc string) Param { return declare(name, quick, doc) }

func declare(name string, quick any, doc string) Param {
	return Param{Name: name, Doc: doc, Quick: quick, Full: quick, Min: math.Inf(-1), Max: math.Inf(1)}
}

// AtFull returns p with another default for the full profile, of the type of the quick one.
func (p Param) AtFull(value any) Param {
	p.Full = value
	return p
}

// Between returns p with inclusive bounds. Every number needs them.
func (p Param) Between(lo, hi float64) Param {
	p.Min, p.Max, p.bounded = lo, hi, true
	return p
}

// Among returns p restricted to the given texts.
func (p Param) Among(choices ...string) Param {
	p.Choices = choices
	return p
}

// Default returns the value of p in the given profile.
func (p Param) Default(profile Profile) any {
	if profile == Full {
		return p.Full
	}
	return p.Quick
}

// Type names the type of p's values: int, float, bool, text, ints or floats.
func (p Param) Type() string {
	switch p.Quick.(type) {
	case int:
		return "int"
	case float64:
		return "float"
	case bool:
		return "bool"
	case string:
		return "text"
	case []int:
		return "ints"
	case []float64:
		return "floats"
	default:
		return "unknown"
	}
}

// MarshalJSON implements json.Marshaler: name, type, default, full, doc, and min and max or choices.
func (p Param) MarshalJSON() ([]byte, error) {
	object := jsonnum.Object{"name": p.Name, "type": p.Type(), "default": p.Quick, "full": p.Full, "doc": p.Doc}
	if p.bounded {
		object["min"], object["max"] = p.Min, p.Max
	}
	if len(p.Choices) > 0 {
		object["choices"] = p.Choices
	}
	return object.MarshalJSON()
}
