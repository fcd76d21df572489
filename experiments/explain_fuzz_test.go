package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// explainKeys are what every object of explain has.
var explainKeys = strings.Fields(`schema expression at inputs arithmetic class continuous lipschitz refused note
	value selections kinks conservative clarke lexicographic spurious verdicts`)

// FuzzExplain checks that any text gives an error of one line or an object with
// all keys, in bounded time and without a panic.
func FuzzExplain(f *testing.F) {
	for _, seed := range [][2]string{
		{"relu(x) - relu(-x)", "x=0"},
		{"let m = max(x, y); m + (x + y - m)", "x=0,y=0"},
		{"max([x, 1/x, 2])", "x=0"},
		{"sort(v)", "v=[1,1,0]"},
		{"x < 0 ? x^2 : sqrt(x)", "x=0"},
		{"norm2(v) + exp(1000*v[0])", "v=[1,1/3]"},
		{"leakyrelu(x, 0.01)*floor(y) - clamp(x, -1, 1)", `{"x": "1/3", "y": 2}`},
		{"sum(broadcast(x, 0, 1000000))", "x=1e300"},
		{"median(v)/quantile(v, 1/2)", "v=[0,0,0,0]"},
		{"1+2", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, expression, point string) {
		if len(expression) > 100 || len(point) > 60 {
			return
		}
		at, err := explain.ParsePoint(point)
		if err != nil {
			at, err = explain.ParsePointJSON([]byte(point))
		}
		if err != nil {
			return
		}
		start := time.Now()
		report, err := explain.Analyze(context.Background(), explain.Request{Expression: expression, At: at})
		if spent := time.Since(start); spent > 20*time.Second {
			t.Fatalf("%q at %q took %v", expression, point, spent)
		}
		if err != nil {
			return
		}
		checkReport(t, report)
	})
}

func checkReport(t *testing.T, report *explain.Report) {
	line, err := jsonnum.Line(report)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil {
		t.Fatal(err)
	}
	for _, key := range explainKeys {
		if _, ok := object[key]; !ok {
			t.Fatalf("%s is missing in %s", key, line)
		}
	}
	if _, sets := object["value_exact"]; sets != report.Exact {
		t.Fatalf("exact siblings do not go with the arithmetic: %s", line)
	}
	var out bytes.Buffer
	if err := report.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	if svg, err := report.Figure(); err == nil && bytes.Contains(svg, []byte(`"NaN"`)) {
		t.Fatalf("a position of the figure is NaN: %s", line)
	}
}
