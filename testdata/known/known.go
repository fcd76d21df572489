// Package known reads the table of programs with known answers that lies beside
// it; README.md explains the fields.
package known

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Files holds functions.json and verdicts.txt.
//
//go:embed functions.json verdicts.txt
var Files embed.FS

// Function is one program at one point. Numbers are exact texts such as "-9/4".
type Function struct {
	ID            string              `json:"id"`
	Expression    string              `json:"expression"` // empty if the grammar cannot say it
	At            map[string]string   `json:"at"`
	Clarke        *Set                `json:"clarke"`
	Conservative  *Set                `json:"conservative"`
	Directional   []Value             `json:"directional"`
	Lexicographic []string            `json:"lexicographic"`
	Conventions   map[string][]string `json:"conventions"`
	Members       []Member            `json:"members"`
	Exempt        map[string]string   `json:"exempt"` // quantity → why it is not expected
	Note          string              `json:"note"`
}

// Set is Clarke's subdifferential or the conservative field.
type Set struct {
	Vertices         [][]string `json:"vertices"` // nil if no polytope or not known
	ContainsZero     bool       `json:"contains_zero"`
	HullContainsZero bool       `json:"hull_contains_zero"`
	Support          []Value    `json:"support"`
}

// Value is the value of a function of a direction.
type Value struct {
	Direction []string `json:"direction"`
	Value     string   `json:"value"`
}

// Member says in which sets a vector lies.
type Member struct {
	Vector       []string `json:"vector"`
	Clarke       bool     `json:"clarke"`
	Conservative bool     `json:"conservative"`
}

// Functions returns all rows of functions.json.
func Functions() ([]Function, error) {
	text, err := Files.ReadFile("functions.json")
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var out []Function
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("known: functions.json: %w", err)
	}
	return out, nil
}

// NoRule is the verdict on a framework that lacks a function of the program.
const NoRule = "no rule"

// Verdicts returns, by row and preset in lower case, the set in which the vector
// of the framework lies: "clarke", else "conservative" for conv D, else
// "neither"; or NoRule.
func Verdicts() (map[string]map[string]string, error) {
	text, err := Files.ReadFile("verdicts.txt")
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]string{}
	var presets []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		cells := strings.Fields(strings.ReplaceAll(lines.Text(), NoRule, "-"))
		if presets == nil {
			presets = cells[1:]
			continue
		}
		if len(cells) != len(presets)+1 {
			return nil, fmt.Errorf("known: verdicts.txt: %q has %d cells; it needs %d", lines.Text(), len(cells), len(presets)+1)
		}
		row := map[string]string{}
		for i, p := range presets {
			if row[p] = cells[i+1]; row[p] == "-" {
				row[p] = NoRule
			}
		}
		out[cells[0]] = row
	}
	return out, lines.Err()
}
