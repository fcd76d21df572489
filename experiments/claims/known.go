package claims

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/testdata"
)

// knownRow is the part of a row of testdata/known that claims read; the README
// there explains the fields.
type knownRow struct {
	ID           string            `json:"id"`
	Expression   string            `json:"expression"`
	At           map[string]string `json:"at"`
	Clarke       knownSet          `json:"clarke"`
	Conservative knownSet          `json:"conservative"`
}

// point returns where the row looks; all inputs are scalars.
func (r knownRow) point() (explain.Point, error) {
	var parts []string
	for name, value := range r.At {
		parts = append(parts, name+"="+value)
	}
	return explain.ParsePoint(strings.Join(parts, ","))
}

type knownSet struct {
	Vertices [][]string `json:"vertices"`
}

// points returns the vertices as rationals.
func (s knownSet) points() ([][]*big.Rat, error) {
	out := make([][]*big.Rat, len(s.Vertices))
	for i, v := range s.Vertices {
		for _, text := range v {
			x, ok := new(big.Rat).SetString(text)
			if !ok {
				return nil, fmt.Errorf("known answers: %q is not a rational number", text)
			}
			out[i] = append(out[i], x)
		}
	}
	return out, nil
}

const (
	knownFunctions = "known/functions.json"
	knownVerdicts  = "known/verdicts.txt"
)

func knownRows() ([]knownRow, error) {
	text, err := testdata.Files.ReadFile(knownFunctions)
	if err != nil {
		return nil, err
	}
	var rows []knownRow
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("known answers: %w", err)
	}
	return rows, nil
}

// predictedVerdicts returns, by row and preset, in which set the vector of the
// framework lies according to an interpreter that shares no code with the
// toolkit.
func predictedVerdicts() (map[string]map[string]string, error) {
	text, err := testdata.Files.ReadFile(knownVerdicts)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]string{}
	var presets []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		cells := strings.Fields(strings.ReplaceAll(lines.Text(), "no rule", noRule))
		if presets == nil {
			presets = cells[1:]
			continue
		}
		if len(cells) != len(presets)+1 {
			return nil, fmt.Errorf("known verdicts: %q has %d cells; it needs %d", lines.Text(), len(cells), len(presets)+1)
		}
		row := map[string]string{}
		for i, p := range presets {
			row[p] = cells[i+1]
		}
		out[cells[0]] = row
	}
	return out, lines.Err()
}

// noRule is the verdict on a framework that lacks a function of the program.
const noRule = "no-rule"

// knownInputs makes the known answers part of a claim's key.
func knownInputs(claim.Values) (claim.Inputs, error) {
	in := claim.Inputs{Data: map[string]string{}}
	for _, name := range []string{knownFunctions, knownVerdicts} {
		text, err := testdata.Files.ReadFile(name)
		if err != nil {
			return in, err
		}
		in.Data[name] = claim.Sum(text)
	}
	return in, nil
}
