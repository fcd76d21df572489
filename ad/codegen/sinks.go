package codegen

import "fmt"

// reduction is how a number is made of the entries of a loop: a variable, what changes it, and what it is in the
// end, "" for the variable itself.
type reduction struct {
	start  func(name string) string
	update func(name string, e *entry) string
	result func(name string, e *entry) string
}

var sinks map[string]reduction

func init() { // the tables refer to each other
	sinks = map[string]reduction{
		"sum": accumulated(func(e *entry) string { return " += " + e.x[0] }),
		"mean": {accumulators, accumulated(func(e *entry) string { return " += " + e.x[0] }).update, func(name string, e *entry) string {
			return fmt.Sprintf("%s / %d", paired(name, e), e.v.size)
		}},
		"norm1": accumulated(func(e *entry) string { return " += math.Abs(" + e.x[0] + ")" }),
		"dot": {accumulators, func(name string, e *entry) string {
			return fmt.Sprintf("%s[i&7] = math.FMA(%s, %s, %[1]s[i&7])\n", name, e.x[0], e.x[1])
		}, paired},
		"amax": {started("math.Inf(-1)"), beyond(">"), nil},
		"amin": {started("math.Inf(1)"), beyond("<"), nil},
		"norminf": {started("0.0"), func(name string, e *entry) string {
			return fmt.Sprintf("%s = max(%[1]s, math.Abs(%s))\n", name, e.x[0])
		}, nil},
	}
}

// accumulated adds to eight interleaved accumulators, which are combined pairwise.
func accumulated(add func(e *entry) string) reduction {
	return reduction{accumulators, func(name string, e *entry) string { return name + "[i&7]" + add(e) + "\n" }, paired}
}

func accumulators(name string) string { return "var " + name + " [8]float64\n" }

func paired(name string, e *entry) string { return e.use("Pairwise") + "(&" + name + ")" }

func started(v string) func(name string) string {
	return func(name string) string { return name + " := " + v + "\n" }
}

// beyond keeps the first of the farthest entries, and a NaN. Mostly one comparison tells that there is nothing to do.
func beyond(than string) func(name string, e *entry) string {
	return func(name string, e *entry) string {
		return fmt.Sprintf("if !(%s %s= %s) && (%[3]s == %[3]s) {\n%[3]s = %[1]s\n}\n", e.x[0], map[string]string{">": "<", "<": ">"}[than], name)
	}
}
