package parse_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr/parse"
)

func TestMistakes(t *testing.T) {
	tests := []struct {
		text   string
		column int
		msg    string
	}{
		{"", 1, "empty"},
		{"  ", 1, "empty"},
		{"x +", 4, `missing after "+"`},
		{"* x", 1, `a value is missing before "*"`},
		{"x * / y", 5, `missing between "*" and "/"`},
		{"x y", 3, "operator is missing between"},
		{"2(x)", 2, "operator is missing between"},
		{"2x", 2, "a product with *"},
		{"0x1F", 1, "not a decimal number"},
		{"1_000", 1, "not a decimal number"},
		{"1e", 1, "not a number"},
		{"1.2.3", 4, "operator is missing"},
		{"x + 1e400", 5, "too large"},
		{"x + 1e-400", 5, "too small"},
		{"1e-100000", 1, "too small"},
		{"1e99999999999999999999", 1, "too large"},
		{"(x", 1, "never closed"},
		{"x)", 2, "closes nothing"},
		{"[x)", 3, `write "]"`},
		{"relu(x,)", 8, `missing between "," and ")"`},
		{"relu()", 1, "relu takes 1 argument; got 0 arguments"},
		{"relu(x, y)", 1, "relu takes 1 argument; got 2 arguments"},
		{"1 + leakyrelu(x)", 5, "leakyrelu takes 1 argument and then 1 number (a); got 1 argument and 0 numbers"},
		{"leakyrelu(x, y)", 14, "a number is written out"},
		{"leakyrelu(x, 1/0)", 15, "divides by 0"},
		{"leakyrelu(x, 1e300/1e-300)", 19, "beyond the range"},
		{"x^(1/0)", 5, "divides by 0"},
		{"clamp(x, 0)", 1, "clamp takes 3 arguments; got 2 arguments"},
		{"softthreshold(x, -1)", 1, "must be positive"},
		{"reluu(x)", 1, "did you mean relu?"},
		{"ReLU(x)", 1, "did you mean relu?"},
		{"ln(x)", 1, "did you mean log?"},
		{"frobnicate(x)", 1, "there is no function"},
		{"x*y(x)", 3, "there is no function"},
		{"x*x(2)", 3, "x is a value, not a function"},
		{"input(x)", 1, "cannot be called"},
		{"slot(x)", 1, "cannot be called"},
		{"map(x, # + 1)", 8, "no predicates"},
		{"filter(x, {x > 1})", 11, "no braces"},
		{"sum(x, x > 1)", 10, "a number is written out"},
		{"len(x)", 1, "there is no function"},
		{"1 < x < 2 ? 1 : 0", 7, "nest choices"},
		{"x > 0 && y > 0 ? 1 : 0", 7, "nest choices"},
		{"x > 0 and y > 0 ? 1 : 0", 7, "nest choices"},
		{"x > 0 or y > 0 ? 1 : 0", 7, "nest choices"},
		{"not x", 1, "nest choices"},
		{"!x", 1, "nest choices"},
		{"x > 0", 3, "a comparison is not a number"},
		{"(x > 0) * 2", 4, "a comparison is not a number"},
		{"x ? 1 : 2", 1, "must be one comparison"},
		{"x + 1 ? 1 : 2", 3, "must be one comparison"},
		{"x > 0 ? 1", 10, "ends too early"},
		{"x > 0 ?: 1", 8, "a value is missing"},
		{"x > 0 ?.5 : 1", 7, "put a space"},
		{"x ?? y", 3, "not an operator"},
		{"x | relu", 3, "no pipes"},
		{"|x|", 1, "abs(x)"},
		{"if x > 0 {1} else {2}", 1, "there is no if"},
		{"x // half", 3, "no comments"},
		{"x /* half */", 3, "no comments"},
		{"x # half", 3, "no predicates"},
		{"x?.y", 2, "not an operator"},
		{"x.y", 2, "no fields"},
		{"{a: 1}", 1, "no braces"},
		{"x; y", 2, "ends a binding"},
		{"x;", 2, "ends a binding"},
		{"let y = x;", 11, "ends too early"},
		{"let y = x", 10, `has no ";"`},
		{"let y = let z = x; z*z; y", 9, "a let within the value of another"},
		{"let y x; y", 7, "follow let"},
		{"let 2 = x; x", 5, "follow let"},
		{"let in = x; x", 5, "reserved word"},
		{"let", 4, "follow let"},
		{"1 + let y = x; y", 5, "put it and what follows in parentheses"},
		{"relu(let y = x)", 15, `has no ";"`},
		{"let x = x; x", 5, "an input already"},
		{"let y = 1; let y = 2; y", 16, "bound already"},
		{"x + (let x = 1; x)", 10, "an input already"},
		{"(let y = x; y) + y", 18, "has ended here"},
		{"let _ = x; _", 12, "holds no value"},
		{"x = 2", 3, "write == to compare"},
		{"y := x", 4, "only follows the name after let"},
		{"1..3", 2, "no ranges"},
		{"x[0:2]", 2, "slice(x, 1, lo, hi, 1)"},
		{"x[0]", 2, "a scalar has no entries"},
		{"[x][y]", 4, "expressions cannot be indices"},
		{"[x, y][relu(x)]", 7, "expressions cannot be indices"},
		{"[x][-1]", 4, "not one of 0, 1, 2"},
		{"[x][0.5]", 4, "not one of 0, 1, 2"},
		{"[x][1]", 4, "outside 0…0"},
		{"[x][1e300]", 4, "outside 0…0"},
		{"x[]", 3, "a value is missing"},
		{"[]", 1, "at least one entry"},
		{"[x, [y, y]]", 1, "must have one shape"},
		{"x, y", 2, "write a vector as [x, y]"},
		{"x : y", 3, "belongs to a choice"},
		{"'x'", 1, "no strings"},
		{"x[\"a\"]", 3, "no strings"},
		{"f'(x)", 2, "no primes"},
		{"x % 2", 3, "no remainder"},
		{"x − y", 3, "write -"},
		{"x² + 1", 2, "write ^2"},
		{"x ≤ y ? 1 : 2", 3, "write <="},
		{"x₁", 2, "cannot be used"},
		{"x + $y", 5, "cannot be a name"},
		{"٣ + x", 1, "cannot be a name"},
		{"true", 1, "no truth values"},
		{"nil + x", 1, "reserved word"},
		{"x in y", 3, "reserved word"},
		{"x matches y", 3, "reserved word"},
		{"::sum(x)", 1, "not an operator"},
		{"x <* y", 3, "not an operator"},
		{"x\xff", 2, "UTF-8"},
		{"const(1, 2, 3)", 1, "const"},
		{"const(x)", 7, "a number is written out"},
		{"const()", 1, "const takes the rank"},
		{"const(1, 1e9, 3)", 1, "has 1000000000 entries, got 1"},
		{"broadcast(x, 0, 2147483647, 2)", 1, "extents"},
		{"const(1, 2147483648, 3)", 1, "const"},
		{"max()", 1, "max and min take"},
		{"max(x)", 1, "needs a vector"},
		{"sort(x)", 1, "needs a vector"},
		{"topk([x, y], 3)", 1, "topk"},
		{"gather([x, y], 1, 0.5)", 1, "must be an integer"},
		{"concat([x], [y])", 1, "1 number (axis); got 2 arguments and 0 numbers"},
		{"\x00", 1, "cannot be used"},
		{strings.Repeat("x+", parse.MaxSource), 0, "the limit is 65536"},
	}
	for _, test := range tests {
		_, err := parse.Parse(test.text)
		require.Error(t, err, test.text)
		e := requireMistake(t, err)
		require.Contains(t, e.Msg, test.msg, test.text)
		require.Equal(t, test.column, e.Column, "%s: %v", test.text, err)
	}
}

func TestMistakeOnALaterLine(t *testing.T) {
	_, err := parse.Parse("let θ = x;\r\n\tθ + rleu(θ)")
	require.EqualError(t, err, `line 2, column 6: there is no function "rleu"; did you mean relu?`)
}
