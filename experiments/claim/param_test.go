package claim_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

func configurable() claim.Claim {
	c := passing()
	c.Params = []claim.Param{
		claim.Int("trials", 10, "independent runs").AtFull(1000).Between(1, 1e6),
		claim.Float("step", 0.5, "step size").Between(0, 1),
		claim.Bool("nesterov", false, "whether to look ahead"),
		claim.Text("method", "sgd", "the optimiser").Among("sgd", "adam"),
		claim.Ints("sizes", []int{2, 4}, "dimensions").Between(1, 64),
		claim.Floats("rates", []float64{0.1}, "step sizes").Between(-1, 1),
	}
	return c
}

func TestResolveTakesTheProfilesDefaultsAndTheSettings(t *testing.T) {
	c := configurable()
	quick, err := c.Resolve(claim.Quick, nil)
	require.NoError(t, err)
	require.Equal(t, claim.Values{
		"trials": 10, "step": 0.5, "nesterov": false, "method": "sgd", "sizes": []int{2, 4}, "rates": []float64{0.1},
	}, quick)
	full, err := c.Resolve(claim.Full, []claim.Setting{
		{"step", "1e-3"}, {"nesterov", "true"}, {"method", "adam"}, {"sizes", "8, 16"}, {"rates", "-0,1"},
	})
	require.NoError(t, err)
	require.Equal(t, claim.Values{
		"trials": 1000, "step": 1e-3, "nesterov": true, "method": "adam", "sizes": []int{8, 16}, "rates": []float64{0, 1},
	}, full)
	require.False(t, math.Signbit(full["rates"].([]float64)[0]))
}

func TestSettingsThatAreRefused(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"trails", "3", `claim "passing" has no parameter "trails": did you mean "trials"?`},
		{"colour", "3", `claim "passing" has no parameter "colour": it has trials, step, nesterov, method, sizes, rates`},
		{"trials", "0", `parameter "trials" of claim "passing" cannot be "0": it needs a whole number between 1 and 1000000`},
		{"trials", "1.5", `parameter "trials" of claim "passing" cannot be "1.5": it needs a whole number between 1 and 1000000`},
		{"trials", "", `parameter "trials" of claim "passing" cannot be "": it needs a whole number between 1 and 1000000`},
		{"trials", "99999999999999999999", `parameter "trials" of claim "passing" cannot be "99999999999999999999": it needs a whole number between 1 and 1000000`},
		{"step", "NaN", `parameter "step" of claim "passing" cannot be "NaN": it needs a number between 0 and 1`},
		{"step", "Inf", `parameter "step" of claim "passing" cannot be "Inf": it needs a number between 0 and 1`},
		{"nesterov", "1", `parameter "nesterov" of claim "passing" cannot be "1": it needs true or false`},
		{"method", "", `parameter "method" of claim "passing" cannot be "": it needs one of sgd, adam`},
		{"sizes", "2,,4", `parameter "sizes" of claim "passing" cannot be "2,,4": it needs whole numbers between 1 and 64 joined by commas`},
		{"sizes", "2,65", `parameter "sizes" of claim "passing" cannot be "2,65": it needs whole numbers between 1 and 64 joined by commas`},
		{"rates", "", `parameter "rates" of claim "passing" cannot be "": it needs numbers between -1 and 1 joined by commas`},
	} {
		_, err := configurable().Resolve(claim.Quick, []claim.Setting{{test.name, test.value}})
		require.EqualError(t, err, test.want)
	}
	_, err := configurable().Resolve(claim.Quick, []claim.Setting{{"step", "1"}, {"step", "0"}})
	require.EqualError(t, err, `setting "step=0": give each parameter once`)
	_, err = passing().Resolve(claim.Quick, []claim.Setting{{"colour", "1"}})
	require.EqualError(t, err, `claim "passing" has no parameter "colour": it has none, so leave the setting out or name another claim`)
}

func TestParseSetting(t *testing.T) {
	s, err := claim.ParseSetting("a=b=c")
	require.NoError(t, err)
	require.Equal(t, claim.Setting{"a", "b=c"}, s)
	for _, text := range []string{"", "a", "=1"} {
		_, err := claim.ParseSetting(text)
		var wrong *claim.SettingError
		require.ErrorAs(t, err, &wrong, text)
	}
}

func TestAnyTextIsRefusedOrWithinBounds(t *testing.T) {
	c := configurable()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`-?[0-9]{0,3}(\.[0-9]+)?(e-?[0-9])?(,[0-9])*`)).Draw(t, "text")
		if values, err := c.Resolve(claim.Quick, []claim.Setting{{"step", text}}); err == nil {
			require.True(t, 0 <= values["step"].(float64) && values["step"].(float64) <= 1)
		}
		if values, err := c.Resolve(claim.Quick, []claim.Setting{{"sizes", text}}); err == nil {
			for _, size := range values["sizes"].([]int) {
				require.True(t, 1 <= size && size <= 64)
			}
		}
	})
}

// What a manifest says about parameters is what ran.
func TestLawValuesSurviveJSON(t *testing.T) {
	c := configurable()
	c.Params[1] = c.Params[1].Between(math.Inf(-1), math.Inf(1))
	rapid.Check(t, func(t *rapid.T) {
		values := claim.Values{
			"trials": rapid.IntRange(1, 1e6).Draw(t, "trials"), "nesterov": rapid.Bool().Draw(t, "nesterov"),
			"step":   rapid.OneOf(rapid.Float64(), rapid.Just(math.Inf(1))).Draw(t, "step") + 0,
			"method": rapid.SampledFrom([]string{"sgd", "adam"}).Draw(t, "method"),
			"sizes":  rapid.SliceOfN(rapid.IntRange(1, 64), 1, 4).Draw(t, "sizes"),
			"rates":  rapid.SliceOfN(rapid.Map(rapid.Float64Range(-1, 1), func(x float64) float64 { return x + 0 }), 1, 4).Draw(t, "rates"),
		}
		text, err := json.Marshal(values)
		require.NoError(t, err)
		back, err := c.ReadValues(text)
		require.NoError(t, err)
		require.Equal(t, values, back)
	})
}

func TestValuesThatCannotBeRead(t *testing.T) {
	const whole = `{"trials":10,"step":0.5,"nesterov":false,"method":"sgd","sizes":[2],"rates":[0.1]}`
	_, err := configurable().ReadValues([]byte(whole))
	require.NoError(t, err)
	for from, to := range map[string]string{
		`"trials":10`: `"trials":0`, `"step":0.5`: `"step":"NaN"`, `"nesterov":false,`: ``, `"sgd"`: `"lion"`,
		`[2]`: `[]`, `[0.1]`: `null`, `"trials"`: `"trails"`, `{`: `{"more":1,`, `}`: ``,
	} {
		_, err := configurable().ReadValues([]byte(strings.Replace(whole, from, to, 1)))
		require.Error(t, err, to)
	}
}

func TestParamJSON(t *testing.T) {
	text, err := json.Marshal(configurable().Params[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"trials","type":"int","default":10,"full":1000,"min":1,"max":1000000,"doc":"independent runs"}`, string(text))
	text, err = json.Marshal(configurable().Params[3])
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"method","type":"text","default":"sgd","full":"sgd","choices":["sgd","adam"],"doc":"the optimiser"}`, string(text))
}
