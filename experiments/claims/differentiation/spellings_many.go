package differentiation

func maxGroup() group {
	return group{name: "max", at: "x=0,y=0", clarke: "0,1; 1,0", spellings: []spelling{
		{text: "max(x, y)", returned: func(k conventions) []float64 { return []float64{k.max, 1 - k.max} }},
		{text: "max([x, y])", returned: func(k conventions) []float64 { return []float64{k.top(2), k.top(2)} }},
		{text: "topksum([x, y], 1)", returned: func(k conventions) []float64 { return []float64{k.stable, 1 - k.stable} }},
		{text: "(x + y + abs(x - y))/2", returned: func(k conventions) []float64 { return []float64{(1 + k.abs) / 2, (1 - k.abs) / 2} }},
		{text: "relu(x - y) + y", returned: func(k conventions) []float64 { return []float64{k.relu, 1 - k.relu} }},
		{text: "x + relu(y - x)", returned: func(k conventions) []float64 { return []float64{1 - k.relu, k.relu} }},
		{text: "x + y - min(x, y)", returned: func(k conventions) []float64 { return []float64{1 - k.min, k.min} }},
		{text: "x < y ? y : x", branch: true, returned: always(1, 0)},
	}}
}

// sumGroup is x + y.
func sumGroup() group {
	const both = "0,2; 2,0"
	return group{name: "sum", at: "x=0,y=0", clarke: "1,1", spellings: []spelling{
		{text: "x + y", returned: always(1, 1)},
		{text: "max(x, y) + min(x, y)", field: both, returned: func(k conventions) []float64 {
			return []float64{k.max + k.min, 2 - k.max - k.min}
		}},
		{text: "let m = max(x, y); m + (x + y - m)", returned: func(k conventions) []float64 { return []float64{given(k.max, 1), given(k.max, 1)} }},
		{text: "relu(x - y) + y + min(x, y)", field: both, returned: func(k conventions) []float64 {
			return []float64{k.relu + k.min, 2 - k.relu - k.min}
		}},
		{text: "max([x, y]) + min(x, y)", field: both, returned: func(k conventions) []float64 {
			return []float64{k.top(2) + k.min, k.top(2) + 1 - k.min}
		}},
		{text: "sum(sort([x, y]))", returned: func(k conventions) []float64 { return []float64{k.stable, k.stable} }},
	}}
}

// medianGroup is the middle one of three numbers.
func medianGroup() group {
	const wide = "-1,1,1; 1,-1,1; 1,1,-1"
	return group{name: "median", at: "x=0,y=0,z=0", clarke: "0,0,1; 0,1,0; 1,0,0", spellings: []spelling{
		{text: "median([x, y, z])", returned: func(k conventions) []float64 { return k.median3 }},
		{text: "sort([x, y, z])[1]", returned: func(k conventions) []float64 { return []float64{given(k.stable, 0), k.stable, given(k.stable, 0)} }},
		{text: "max(min(x, y), min(max(x, y), z))", returned: nestedMedian},
		{text: "max(min(x, y), min(x, z), min(y, z))", returned: func(k conventions) []float64 {
			t, s := k.top(3), 1-k.min
			return []float64{t * (k.min + k.min), t * (s + k.min), t * (s + s)}
		}},
		{text: "x + y + z - max(x, y, z) - min(x, y, z)", field: wide, returned: func(k conventions) []float64 {
			v := 1 - k.top(3) - k.bottom(3)
			return []float64{v, v, v}
		}},
		{text: "topksum([x, y, z], 2) - topksum([x, y, z], 1)", field: wide, returned: func(k conventions) []float64 {
			return []float64{k.stable - k.stable, k.stable, given(k.stable, 0)}
		}},
	}}
}

// nestedMedian is m·a + (1 − m)·b for the gradients a of min(x, y) and b of
// min(max(x, y), z).
func nestedMedian(k conventions) []float64 {
	m, n := k.max, k.min
	return []float64{
		float64(m*n) + float64((1-m)*n*m),
		float64(m*(1-n)) + float64((1-m)*n*(1-m)),
		(1 - m) * (1 - n),
	}
}

// normGroup is the norm max(|x|, |y|).
func normGroup() group {
	return group{name: "norm", at: "x=0,y=0", clarke: "-1,0; 0,-1; 0,1; 1,0", spellings: []spelling{
		{text: "max(abs(x), abs(y))", returned: func(k conventions) []float64 { return []float64{k.max * k.abs, (1 - k.max) * k.abs} }},
		{text: "max([x, -x, y, -y])", returned: func(k conventions) []float64 { return []float64{k.top(4) - k.top(4), k.top(4) - k.top(4)} }},
		{text: "(abs(x + y) + abs(x - y))/2", returned: func(k conventions) []float64 { return []float64{k.abs, k.abs - k.abs} }},
		{text: "let a = abs(x); a + relu(abs(y) - a)", returned: func(k conventions) []float64 { return []float64{k.abs * (1 - k.relu), k.abs * k.relu} }},
		{text: "abs(x) + relu(abs(y) - abs(x))", field: "-2,-1; -2,1; 2,-1; 2,1", returned: func(k conventions) []float64 {
			return []float64{k.abs - float64(k.relu*k.abs), k.abs * k.relu}
		}},
	}}
}
