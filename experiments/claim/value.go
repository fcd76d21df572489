package claim

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// Profile chooses between the two sets of defaults.
type Profile string

// The profiles: Quick takes seconds, Full is what a paper would report.
const (
	Quick Profile = "quick"
	Full  Profile = "full"
)

// Values holds a value for every parameter of a claim: int, float64, bool, string, []int or []float64.
type Values map[string]any

// MarshalJSON implements json.Marshaler, with non-finite numbers as package jsonnum writes them.
func (v Values) MarshalJSON() ([]byte, error) { return jsonnum.Object(v).MarshalJSON() }

// ReadValues returns the values that Values.MarshalJSON wrote for this claim: every parameter once,
// of its type and within its bounds, and no other name. Its errors are *UnknownParamError,
// *ValueError and *SettingError.
func (c Claim) ReadValues(text []byte) (Values, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, &SettingError{Text: string(text), Need: "write an object of parameters and values"}
	}
	values := Values{}
	for _, p := range c.Params {
		value, err := p.decode(raw[p.Name])
		if err != nil || !p.admits(value) {
			return nil, &ValueError{Claim: c.Name, Param: p.Name, Text: string(raw[p.Name]), Need: p.need()}
		}
		values[p.Name] = value
		delete(raw, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		return nil, c.unknownParam(name)
	}
	return values, nil
}

// decode reads a value of p's type.
func (p Param) decode(text []byte) (any, error) {
	switch p.Quick.(type) {
	case int:
		return decodeAs[int](text)
	case float64:
		n, err := decodeAs[jsonnum.Number](text)
		return float64(n), err
	case bool:
		return decodeAs[bool](text)
	case string:
		return decodeAs[string](text)
	case []int:
		return decodeAs[[]int](text)
	default:
		list, err := decodeAs[jsonnum.List](text)
		return []float64(list), err
	}
}

func decodeAs[T any](text []byte) (value T, err error) {
	if string(text) == "null" { // leaves value as it is, without an error
		return value, strconv.ErrSyntax
	}
	err = json.Unmarshal(text, &value)
	return value, err
}

// Setting is one name=value from a user.
type Setting struct{ Name, Value string }

// ParseSetting cuts "name=value" at the first equals sign.
func ParseSetting(text string) (Setting, error) {
	name, value, found := strings.Cut(text, "=")
	if !found || name == "" {
		return Setting{}, &SettingError{Text: text, Need: "write it as NAME=VALUE"}
	}
	return Setting{name, value}, nil
}

// Resolve returns the values of all parameters of c: the profile's defaults, changed by the settings.
// Its errors are *UnknownParamError, *ValueError and *SettingError.
func (c Claim) Resolve(profile Profile, settings []Setting) (Values, error) {
	values := Values{}
	for _, p := range c.Params {
		values[p.Name] = p.Default(profile)
	}
	seen := map[string]bool{}
	for _, s := range settings {
		if seen[s.Name] {
			return nil, &SettingError{Text: s.Name + "=" + s.Value, Need: "give each parameter once"}
		}
		seen[s.Name] = true
		i := slices.IndexFunc(c.Params, func(p Param) bool { return p.Name == s.Name })
		if i < 0 {
			return nil, c.unknownParam(s.Name)
		}
		value, need := c.Params[i].parse(s.Value)
		if need != "" {
			return nil, &ValueError{Claim: c.Name, Param: s.Name, Text: s.Value, Need: need}
		}
		values[s.Name] = value
	}
	return values, nil
}

// parse reads a value of p's type; need is empty if text is admissible and says what would be if not.
func (p Param) parse(text string) (value any, need string) {
	var err error
	switch p.Quick.(type) {
	case int:
		value, err = strconv.Atoi(text)
	case float64:
		value, err = parseFloat(text)
	case bool:
		value, err = parseBool(text)
	case string:
		value = text
	case []int:
		value, err = parseList(text, strconv.Atoi)
	case []float64:
		value, err = parseList(text, parseFloat)
	}
	if err != nil || !p.admits(value) {
		return nil, p.need()
	}
	return value, ""
}

// admits tells whether value, of p's type, is within the bounds or among the choices.
func (p Param) admits(value any) bool {
	switch v := value.(type) {
	case int:
		return p.inside(float64(v))
	case float64:
		return p.inside(v)
	case string:
		return slices.Contains(p.Choices, v)
	case []int:
		return len(v) > 0 && !slices.ContainsFunc(v, func(x int) bool { return !p.inside(float64(x)) })
	case []float64:
		return len(v) > 0 && !slices.ContainsFunc(v, func(x float64) bool { return !p.inside(x) })
	default:
		return true
	}
}

func (p Param) inside(x float64) bool { return p.Min <= x && x <= p.Max } // false for NaN

// need says what p wants, to finish the sentence "… : it needs …".
func (p Param) need() string {
	within := fmt.Sprintf(" between %v and %v", jsonnum.Number(p.Min), jsonnum.Number(p.Max))
	switch p.Quick.(type) {
	case int:
		return "a whole number" + within
	case float64:
		return "a number" + within
	case bool:
		return "true or false"
	case []int:
		return "whole numbers" + within + " joined by commas"
	case []float64:
		return "numbers" + within + " joined by commas"
	default:
		return "one of " + strings.Join(p.Choices, ", ")
	}
}

// parseFloat reads a number; −0 becomes 0, since a run's key does not tell them apart.
func parseFloat(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	return x + 0, err
}

func parseBool(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, strconv.ErrSyntax
	}
	return text == "true", nil
}

func parseList[T any](text string, parse func(string) (T, error)) ([]T, error) {
	var list []T
	for item := range strings.SplitSeq(text, ",") {
		x, err := parse(strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}
