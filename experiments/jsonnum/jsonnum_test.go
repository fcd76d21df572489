package jsonnum_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

func ExampleNumber() {
	line, _ := jsonnum.Line(struct {
		Value  jsonnum.Number `json:"value"`
		Bounds jsonnum.List   `json:"bounds"`
		Empty  jsonnum.Matrix `json:"empty"`
	}{jsonnum.Number(math.NaN()), jsonnum.List{math.Inf(-1), math.Copysign(0, -1), 0.1}, nil})
	fmt.Print(string(line))
	// Output: {"value":"NaN","bounds":["-Infinity",0,0.1],"empty":[]}
}

func number() *rapid.Generator[float64] {
	special := []float64{
		0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1),
		math.SmallestNonzeroFloat64, math.MaxFloat64, 1e21, 1e-6, 1.0 / 3,
	}
	bits := rapid.Map(rapid.Uint64(), math.Float64frombits)
	return rapid.OneOf(rapid.SampledFrom(special), bits, rapid.Float64())
}

func requireSame(t require.TestingT, want, got float64) {
	if math.IsNaN(want) {
		require.True(t, math.IsNaN(got))
		return
	}
	require.Equal(t, want+0, got) // −0 + 0 is 0
	require.False(t, got == 0 && math.Signbit(got))
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.SliceOf(number())).Draw(t, "rows")
		text, err := json.Marshal(jsonnum.Matrix(rows))
		require.NoError(t, err)
		var back jsonnum.Matrix
		require.NoError(t, json.Unmarshal(text, &back))
		require.Len(t, back, len(rows))
		for i := range rows {
			require.Len(t, back[i], len(rows[i]))
			for j := range rows[i] {
				requireSame(t, rows[i][j], back[i][j])
			}
		}
	})
}

func TestFiniteNumbersAreWrittenLikeEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := number().Filter(func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) && x != 0 }).Draw(t, "x")
		text, err := jsonnum.Number(x).MarshalJSON()
		require.NoError(t, err)
		require.True(t, json.Valid(text))
		var plain float64
		require.NoError(t, json.Unmarshal(text, &plain))
		require.Equal(t, x, plain)
	})
}

func TestWhatIsNotANumberIsRefused(t *testing.T) {
	for _, text := range []string{`null`, `"nan"`, `"1"`, `true`, `[1]`, `{}`, `1e999`} {
		var n jsonnum.Number
		var wrong *jsonnum.NumberError
		require.ErrorAs(t, json.Unmarshal([]byte(text), &n), &wrong, text)
		require.Equal(t, text, wrong.Text)
	}
	for _, text := range []string{`0x10`, `1_0`, `Inf`, `.5`} {
		var n jsonnum.Number
		require.Error(t, n.UnmarshalJSON([]byte(text)), text)
	}
}

func TestObjectWrapsNestedNumbersAndKeepsOrder(t *testing.T) {
	object := jsonnum.Object{
		"z": math.NaN(), "a": []float64(nil), "m": [][]float64{{math.Inf(1)}},
		"n": map[string]any{"x": []any{math.Inf(-1), "a<b", 3, float32(0.5)}},
	}
	line, err := jsonnum.Line(object)
	require.NoError(t, err)
	require.Equal(t, `{"a":[],"m":[["Infinity"]],"n":{"x":["-Infinity","a<b",3,0.5]},"z":"NaN"}`+"\n", string(line))
	empty, err := jsonnum.Line(jsonnum.Object(nil))
	require.NoError(t, err)
	require.Equal(t, "{}\n", string(empty))
}

func TestLineSaysWhyItFails(t *testing.T) {
	_, err := jsonnum.Line(struct{ X float64 }{math.NaN()})
	require.Error(t, err)
	document, err := jsonnum.Document(map[string]any{"x": 1.5, "s": "a<b"})
	require.NoError(t, err)
	require.Equal(t, "{\n  \"s\": \"a<b\",\n  \"x\": 1.5\n}\n", string(document))
}
