package claim

import (
	"fmt"
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
