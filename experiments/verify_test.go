package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runVerify runs the verb on a text, from a file or from standard input.
func runVerify(t *testing.T, text string, fromFile bool) (code int, stdout, stderr string) {
	name := "-"
	if fromFile {
		name = filepath.Join(t.TempDir(), "objects.json")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	var out, report bytes.Buffer
	a := &app{stdin: strings.NewReader(text), stdout: &out, stderr: &report}
	code = a.run([]string{"verify", name})
	return code, out.String(), report.String()
}

func explained(t *testing.T, args ...string) string {
	var out, report bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &report}
	require.Zero(t, a.run(append([]string{"explain", "--json"}, args...)), report.String())
	return out.String()
}

// tampering changes what explain says, by the check that has to fail.
var tampering = map[string]func(object map[string]any){
	"numbers": func(object map[string]any) {
		set(object, []any{2.0, 0.0}, "clarke", "min_norm") // beside its exact sibling
	},
	"clarke.certificates": func(object map[string]any) {
		set(object, []any{-1.0, -1.0}, "clarke", "certificates", 0, "direction")
		set(object, []any{"-1", "-1"}, "clarke", "certificates", 0, "direction_exact")
		set(object, []any{-1.0, -1.0}, "clarke", "certificates", 1, "direction")
		set(object, []any{"-1", "-1"}, "clarke", "certificates", 1, "direction_exact")
	},
	"clarke.vertices": func(object map[string]any) {
		set(object, []any{1.0, 2.0}, "clarke", "vertices", 1)
		set(object, []any{"1", "2"}, "clarke", "vertices_exact", 1)
	},
	"clarke.minimality": func(object map[string]any) { set(object, "local minimum", "clarke", "minimality") },
	"conservative.contains_zero": func(object map[string]any) {
		set(object, "no", "conservative", "contains_zero")
	},
}

// set changes the value at a path.
func set(object map[string]any, value any, path ...any) {
	var at any = object
	for _, step := range path[:len(path)-1] {
		if key, ok := step.(string); ok {
			at = at.(map[string]any)[key]
		} else {
			at = at.([]any)[step.(int)]
		}
	}
	if key, ok := path[len(path)-1].(string); ok {
		at.(map[string]any)[key] = value
	} else {
		at.([]any)[path[len(path)-1].(int)] = value
	}
}

func changed(t *testing.T, object string, change func(map[string]any)) string {
	var fields map[string]any
	require.NoError(t, json.Unmarshal([]byte(object), &fields))
	change(fields)
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	return string(text)
}

// What explain prints holds, from a file and from standard input; a certificate, a
// vertex or a verdict that is changed fails, and its place is named; what is no object
// of explain's is bad input.
func TestVerifyVerb(t *testing.T) {
	good := explained(t, "relu(x) - relu(-x) + abs(y)", "--at", "x=0,y=0")
	for _, fromFile := range []bool{true, false} {
		code, stdout, stderr := runVerify(t, good+good, fromFile)
		require.Zero(t, code, stdout+stderr)
		require.Empty(t, stderr)
		require.NotContains(t, stdout, "fails")

		for place, change := range tampering {
			code, stdout, stderr := runVerify(t, good+changed(t, good, change), fromFile)
			require.Equal(t, 1, code, place)
			require.Empty(t, stderr)
			require.Regexp(t, `(?m)^FAIL +`+place, stdout)
		}

		for _, bad := range []string{"", "{", "[1, 2]", `{"schema": 1}`, good[:len(good)/2], strings.Replace(good, `"schema":1`, `"schema":99`, 1)} {
			code, _, stderr := runVerify(t, bad, fromFile)
			require.Equal(t, 2, code, bad)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			require.Contains(t, stderr, "object 1", bad)
		}
	}
	code, _, stderr := runVerify(t, good+"{", true)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "object 2")

	var out, report bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &report}
	require.Equal(t, 2, a.run([]string{"verify", filepath.Join(t.TempDir(), "absent.json")}))
	require.Contains(t, report.String(), "give a file that can be read")
}
