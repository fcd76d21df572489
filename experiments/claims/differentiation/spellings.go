package differentiation

// group is one function near one point, in many spellings.
type group struct {
	name string
	at   string // the point
	// clarke lists the vertices of ∂f at the point, found on paper.
	clarke    string
	spellings []spelling
}

// spelling is one program for the function.
type spelling struct {
	text string
	// field lists the vertices of conv D, where every occurrence of a kink
	// chooses on its own; empty if they are those of ∂f.
	field string
	// returned is what backpropagation gives under a framework's conventions.
	returned func(k conventions) []float64
	// branch marks a spelling by a comparison. Its derivative is that of the
	// branch taken, no choice is open, and the toolkit gives no sets.
	branch bool
}

// one is a formula of a program of one variable.
func one(formula func(k conventions) float64) func(conventions) []float64 {
	return func(k conventions) []float64 { return []float64{formula(k)} }
}

// always is the answer of every framework.
func always(v ...float64) func(conventions) []float64 {
	return func(conventions) []float64 { return v }
}

// corpus returns all groups.
func corpus() []group {
	return []group{
		reluGroup(), absGroup(), identityGroup(), zeroGroup(), clampGroup(), thresholdGroup(), hingeGroup(),
		huberGroup(), softplusGroup(), maxGroup(), sumGroup(), medianGroup(), normGroup(),
	}
}

func reluGroup() group {
	return group{name: "relu", at: "x=0", clarke: "0; 1", spellings: []spelling{
		{text: "relu(x)", returned: one(func(k conventions) float64 { return k.relu })},
		{text: "max(x, 0)", returned: one(func(k conventions) float64 { return k.max })},
		{text: "-min(-x, 0)", returned: one(func(k conventions) float64 { return k.min })},
		{text: "relu(-x) + x", returned: one(func(k conventions) float64 { return 1 - k.relu })},
		{text: "(x + abs(x))/2", returned: one(func(k conventions) float64 { return (1 + k.abs) / 2 })},
		{text: "max([x, 0])", returned: one(func(k conventions) float64 { return k.top(2) })},
		{text: "relu(relu(x))", returned: one(func(k conventions) float64 { return k.relu * k.relu })},
		{text: lessEqual, branch: true, returned: always(0)},
		{text: less, branch: true, returned: always(1)},
	}}
}

// myRelu of the lecture, by two comparisons that differ at 0 only.
const (
	lessEqual = "x <= 0 ? 0 : x"
	less      = "x < 0 ? 0 : x"
)

func absGroup() group {
	return group{name: "abs", at: "x=0", clarke: "-1; 1", spellings: []spelling{
		{text: "abs(x)", returned: one(func(k conventions) float64 { return k.abs })},
		{text: "max(x, -x)", returned: one(func(k conventions) float64 { return k.max - (1 - k.max) })},
		{text: "-min(x, -x)", returned: one(func(k conventions) float64 { return (1 - k.min) - k.min })},
		{text: "relu(x) + relu(-x)", returned: one(func(k conventions) float64 { return k.relu - k.relu })},
		{text: "2*relu(x) - x", returned: one(func(k conventions) float64 { return k.relu + k.relu - 1 })},
		{text: "max([x, -x])", returned: one(func(k conventions) float64 { return k.top(2) - k.top(2) })},
		{text: "x < 0 ? -x : x", branch: true, returned: always(1)},
	}}
}

func identityGroup() group {
	return group{name: "identity", at: "x=0", clarke: "1", spellings: []spelling{
		{text: "1*x", returned: always(1)},
		{text: "max(x, x)", returned: one(func(k conventions) float64 { return k.max + (1 - k.max) })},
		{text: "relu(x) - relu(-x)", field: "0; 2", returned: one(func(k conventions) float64 { return k.relu + k.relu })},
		{text: "max(x, 0) + min(x, 0)", field: "0; 2", returned: one(func(k conventions) float64 { return k.max + k.min })},
		{text: "x + relu(-relu(x))", field: "0; 1", returned: one(func(k conventions) float64 { return 1 - float64(k.relu*k.relu) })},
		{text: "x + max(-max(x, 0), 0)", field: "0; 1", returned: one(func(k conventions) float64 { return 1 - float64(k.max*k.max) })},
		{text: "(x + abs(x))/2 - (abs(x) - x)/2", field: "0; 2", returned: one(func(k conventions) float64 { return ((1 + k.abs) - (k.abs - 1)) / 2 })},
		{text: "let y = leakyrelu(x, 0.5); min(y, 2*y)", field: "1/2; 2", returned: one(func(k conventions) float64 {
			return (1 + k.leaky) / 2 * (2 - k.min)
		})},
	}}
}

func zeroGroup() group {
	return group{name: "zero", at: "x=0", clarke: "0", spellings: []spelling{
		{text: "x - x", returned: always(0)},
		{text: "let y = abs(x); y - y", returned: one(func(k conventions) float64 { return k.abs - k.abs })},
		{text: "abs(x) - abs(x)", field: "-2; 2", returned: one(func(k conventions) float64 { return k.abs - k.abs })},
		{text: "relu(-x) + x - relu(x)", field: "-1; 1", returned: one(func(k conventions) float64 { return 1 - k.relu - k.relu })},
		{text: "relu(-relu(x))", field: "-1; 0", returned: one(func(k conventions) float64 { return -k.relu * k.relu })},
		{text: "abs(x) - max(x, -x)", field: "-2; 2", returned: one(func(k conventions) float64 { return k.abs - (k.max - (1 - k.max)) })},
		{text: "max(x, 0) - relu(x)", field: "-1; 1", returned: one(func(k conventions) float64 { return k.max - k.relu })},
		{text: "max([x, 0]) - max(x, 0)", field: "-1; 1", returned: one(func(k conventions) float64 { return k.top(2) - k.max })},
	}}
}

func clampGroup() group {
	return group{name: "clamp", at: "x=0", clarke: "0; 1", spellings: []spelling{
		{text: "clamp(x, 0, 1)", returned: one(func(k conventions) float64 { return k.lower })},
		{text: "min(max(x, 0), 1)", returned: one(func(k conventions) float64 { return given(k.min, k.max) })},
		{text: "max(min(x, 1), 0)", returned: one(func(k conventions) float64 { return given(k.min, k.max) })},
		{text: "relu(x) - relu(x - 1)", returned: one(func(k conventions) float64 { return k.relu })},
		{text: "1 - relu(1 - relu(x))", returned: one(func(k conventions) float64 { return k.relu })},
		{text: "(1 + abs(x) - abs(x - 1))/2", returned: one(func(k conventions) float64 { return (k.abs + 1) / 2 })},
		{text: "median([0, x, 1])", returned: one(func(k conventions) float64 { return k.median2 })},
		{text: "x < 0 ? 0 : (x > 1 ? 1 : x)", branch: true, returned: always(1)},
	}}
}

func thresholdGroup() group {
	return group{name: "soft-threshold", at: "x=1", clarke: "0; 1", spellings: []spelling{
		{text: "softthreshold(x, 1)", returned: one(func(k conventions) float64 { return k.shrink })},
		{text: "relu(x - 1) - relu(-x - 1)", returned: one(func(k conventions) float64 { return k.relu })},
		{text: "x - clamp(x, -1, 1)", returned: one(func(k conventions) float64 { return 1 - k.upper })},
		{text: "x - min(max(x, -1), 1)", returned: one(func(k conventions) float64 { return 1 - k.min })},
		{text: "max(x - 1, 0) + min(x + 1, 0)", returned: one(func(k conventions) float64 { return k.max })},
		{text: "x + (abs(x - 1) - abs(x + 1))/2", returned: one(func(k conventions) float64 { return (2 + k.abs - 1) / 2 })},
	}}
}

func hingeGroup() group {
	return group{name: "hinge", at: "x=1", clarke: "-1; 0", spellings: []spelling{
		{text: "relu(1 - x)", returned: one(func(k conventions) float64 { return -k.relu })},
		{text: "max(1 - x, 0)", returned: one(func(k conventions) float64 { return -k.max })},
		{text: "1 - min(x, 1)", returned: one(func(k conventions) float64 { return -k.min })},
		{text: "(1 - x + abs(1 - x))/2", returned: one(func(k conventions) float64 { return (-1 - k.abs) / 2 })},
		{text: "x < 1 ? 1 - x : 0", branch: true, returned: always(0)},
	}}
}
