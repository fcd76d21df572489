package explain_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

var update = flag.Bool("update", false, "write the golden files anew")

// requests are what the golden files hold.
func requests(t testing.TB) map[string]explain.Request {
	of := func(expression, at string, presets ...ad.Preset) explain.Request {
		p, err := explain.ParsePoint(at)
		require.NoError(t, err)
		return explain.Request{Expression: expression, At: p, Presets: presets, Seed: 1}
	}
	rational := of("x*relu(y[0]) - relu(y[1]/3)", "y=[0,0],x=1/2", ad.PyTorch, ad.Autograd, ad.GoMLX)
	one, err := explain.ParseVector("1,-1/3,0")
	require.NoError(t, err)
	rational.Along, rational.Support = one, one
	floats := of("abs(x) + sqrt(1 + x)", "x=0", ad.PyTorch, ad.JAX)
	floats.Along = one[:1]
	round := of("(a + c)/2 + norm2([(a - c)/2, b])", "a=0,b=0,c=0", ad.PyTorch, ad.JAX)
	round.Support = one
	tolerant := of("abs(x - 1e-10) + y", "x=0,y=0", ad.PyTorch)
	tolerant.Tol = 1e-9
	vector := of("[relu(x), relu(x) - y/3]", "x=0,y=0", ad.PyTorch)
	vector.Support, err = explain.ParseVector("1,0,-1,1")
	require.NoError(t, err)
	vector.Along = one[:2]
	return map[string]explain.Request{
		"rational": rational, "float64": floats, "vector": vector, "round": round, "tolerant": tolerant,
		"mixed":    of("relu(3*x - 1) + log1p(exp(-abs(3*x - 1)))", "x=1/3", ad.PyTorch, ad.JAX, ad.GoMLX),
		"spurious": of("relu(x) - relu(-x)", "x=0", ad.PyTorch, ad.Gorgonia),
		"refused":  of("sqrt(x^2)", "x=0", ad.PyTorch),
	}
}

func TestJSONIsGolden(t *testing.T) {
	for name, q := range requests(t) {
		got, err := jsonnum.Document(analyze(t, q))
		require.NoError(t, err)
		path := filepath.Join("testdata", name+".json")
		if *update {
			require.NoError(t, os.WriteFile(path, got, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), name)
	}
}

// keys are those of the contract, in order; a * marks what may be absent.
const keys = `schema expression at at_exact tol* inputs arithmetic class continuous lipschitz refused note
value value_exact* selections kinks conservative clarke lexicographic lexicographic_exact*
along* along_exact* directional* directional_exact* support* spurious spurious_exact* verdicts`

func TestKeysKeepTheirOrder(t *testing.T) {
	for name, q := range requests(t) {
		line, err := jsonnum.Line(analyze(t, q))
		require.NoError(t, err)
		got := topKeys(t, line)
		for _, key := range strings.Fields(keys) {
			key, optional := strings.CutSuffix(key, "*")
			if len(got) > 0 && got[0] == key {
				got = got[1:]
			} else {
				require.True(t, optional, "%s: %s is missing before %v", name, key, got)
			}
		}
		require.Empty(t, got, name)
	}
}

// topKeys returns the keys of an object in order.
func topKeys(t testing.TB, object []byte) []string {
	d := json.NewDecoder(strings.NewReader(string(object)))
	_, err := d.Token()
	require.NoError(t, err)
	var out []string
	for d.More() {
		key, err := d.Token()
		require.NoError(t, err)
		out = append(out, key.(string))
		var skip json.RawMessage
		require.NoError(t, d.Decode(&skip))
	}
	return out
}

func TestCancelledContextEndsTheAnalysis(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, q := range requests(t) {
		_, err := explain.Analyze(ctx, q)
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestManyKinksEndSoonAndHonestly(t *testing.T) {
	at, err := explain.ParsePoint("x=[" + strings.TrimSuffix(strings.Repeat("0,", 100), ",") + "]")
	require.NoError(t, err)
	r := analyze(t, explain.Request{Expression: "sum(relu(x)) - sum(abs(x))", At: at})
	require.False(t, r.Conservative.Complete)
	require.Nil(t, r.Conservative.Vertices)
	require.NotEmpty(t, r.Conservative.Why)
	require.Len(t, r.Kinks, 200)
}

func TestWhatIsTooLargeIsRefused(t *testing.T) {
	var size *explain.SizeError
	at, err := explain.ParsePoint("x=1")
	require.NoError(t, err)
	for _, text := range []string{"sum(broadcast(x, 0, 1000000000))", "broadcast(x, 0, 1000000)"} {
		_, err := explain.Analyze(context.Background(), explain.Request{Expression: text, At: at})
		require.ErrorAs(t, err, &size, text)
	}
}

func TestFigureIsDeterministicXML(t *testing.T) {
	for _, test := range []struct{ expression, at string }{
		{"relu(x) - relu(-x)", "x=0"},
		{"max([x, y])", "x=0,y=0"},
		{"norm2([x, y])", "x=0,y=0"},
		{"abs(x)*1e200", "x=0"},
		{"x < 0 ? 1 : 2", "x=0"},
		{"0*x", "x=0"},
		{"x + 1e-9*y", "x=1e9,y=2"},
	} {
		at, err := explain.ParsePoint(test.at)
		require.NoError(t, err)
		r := analyze(t, explain.Request{Expression: test.expression, At: at})
		path := filepath.Join(t.TempDir(), "f.svg")
		require.NoError(t, r.WriteFigure(path))
		first, err := os.ReadFile(path)
		require.NoError(t, err)
		again, err := r.Figure()
		require.NoError(t, err)
		require.Equal(t, string(first), string(again))
		require.NotContains(t, string(first), "NaN")
		d := xml.NewDecoder(strings.NewReader(string(first)))
		for err = nil; err == nil; _, err = d.Token() {
		}
		require.True(t, errors.Is(err, io.EOF), err)
		files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
		require.NoError(t, err)
		require.Len(t, files, 1, "no temporary file is left")
	}
}

// A figure names what it shows: the set that is convex, the one that is a part only, and who returns
// what; and it does so in words too.
func TestFigureSaysWhatItShows(t *testing.T) {
	for _, test := range []struct {
		expression, at string
		want           []string
	}{
		{"relu(x) - relu(-x)", "x=0", []string{"D, an interval (filled area): from 0 to 2.", "∂f (hatched area): at 1.", ">pytorch, jax, tensorflow: 0<", ">gorgonia, gomlx: 2<", "No answer: autograd."}},
		{"abs(x - abs(y))", "x=0,y=0", []string{">D<", ">conv D, its convex hull<", "∂f, which is conv D (hatched area): (−1, −1), (1, −1), (1, 1), (−1, 1).", "limiting gradients (disc): (−1, −1)"}},
		{"norm2([x, y])", "x=0,y=0", []string{">D, which is convex: it is conv D<", ">limiting gradients found<", "element of ∂f nearest to 0: (0, 0) (hollow diamond)", "Not finite: jax"}},
		{"relu(sort([x, y, x + y])[0] - abs(x)) + abs(y)", "x=0,y=0", []string{"3000 random elements of D, of which not all is drawn (fine dots)"}},
		{"x < 0 ? 1 : 2", "x=0", []string{"D and ∂f are not given: where#"}},
	} {
		at, err := explain.ParsePoint(test.at)
		require.NoError(t, err)
		svg, err := analyze(t, explain.Request{Expression: test.expression, At: at}).Figure()
		require.NoError(t, err)
		for _, want := range test.want {
			require.Contains(t, string(svg), want)
		}
	}
}

func TestEndingsOfFigures(t *testing.T) {
	at, err := explain.ParsePoint("x=0,y=0")
	require.NoError(t, err)
	r := analyze(t, explain.Request{Expression: "abs(x - abs(y))", At: at})
	path := filepath.Join(t.TempDir(), "f.PDF")
	require.NoError(t, r.WriteFigure(path))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "%PDF-", string(content[:5]))
	require.EqualError(t, r.WriteFigure(path+".png"), `".png" is no ending of a figure; write .svg or .pdf`)
}

func TestFigureNamesItsLimits(t *testing.T) {
	for _, test := range []struct{ expression, at, want string }{
		{"x + y + z", "x=0,y=0,z=0", "the point has 3 coordinates; only one or two can be drawn, so make the others numbers in the expression"},
		{"[x, x]", "x=0", "a vector-valued expression has no figure; pick or combine entries, such as sum(…)"},
	} {
		at, err := explain.ParsePoint(test.at)
		require.NoError(t, err)
		_, err = analyze(t, explain.Request{Expression: test.expression, At: at}).Figure()
		require.EqualError(t, err, test.want)
	}
}
