package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// parameters lists the values that the run had.
func (r Run) parameters() []parameter {
	var out []parameter
	for _, name := range slices.Sorted(maps.Keys(r.Config.Params)) {
		p := parameter{Name: name, Value: text(r.Config.Params[name])}
		if i := r.declared(name); i >= 0 {
			p.Doc = r.Claim.Params[i].Doc
		}
		out = append(out, p)
	}
	return out
}

func (r Run) declared(name string) int {
	return slices.IndexFunc(r.Claim.Params, func(p claim.Param) bool { return p.Name == name })
}

// coordinates are what the rows have besides parameters.
func (r Run) coordinates() []string {
	names := map[string]bool{}
	for _, row := range r.Rows {
		for name := range row.Params {
			if _, parameter := r.Config.Params[name]; !parameter && r.Config.Claim != "" {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// text writes a value as --set takes it; nil is "".
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, text(item))
		}
		return strings.Join(items, ",")
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	default:
		line, err := jsonnum.Line(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return strings.TrimSpace(string(line))
	}
}

// changed lists the settings in which the run differs from its profile.
func (r Run) changed() []string {
	var out []string
	for _, p := range r.parameters() {
		i := r.declared(p.Name)
		if i >= 0 && written(r.Claim.Params[i].Default(r.Config.Profile)) == p.Value {
			continue
		}
		out = append(out, p.Name+"="+p.Value)
	}
	return out
}

// written is what a default looks like after a way through JSON.
func written(value any) string {
	line, err := jsonnum.Line(jsonnum.Object{"": value})
	if err != nil {
		return ""
	}
	d := json.NewDecoder(strings.NewReader(string(line)))
	d.UseNumber()
	var back map[string]any
	_ = d.Decode(&back) // it was written a line ago
	return text(back[""])
}

// variant tells runs of one claim apart.
func (r Run) variant() string {
	if r.Config.Claim == "" {
		return "run " + r.Key
	}
	parts := append([]string{fmt.Sprintf("%s profile, seed %d", r.Config.Profile, r.Config.Seed)}, r.changed()...)
	return strings.Join(parts, ", ")
}

// commands make the run again and, if it is done, compare it.
func (r Run) commands() []string {
	switch {
	case r.Config.Claim == "" && r.Claim.Run == nil:
		return nil // nobody knows what it was
	case r.Config.Claim == "":
		return []string{"go run ./experiments run " + quoted(r.Name)}
	}
	run := fmt.Sprintf("go run ./experiments run %s --seed %d", quoted(r.Name), r.Config.Seed)
	if r.Config.Profile == claim.Full {
		run += " --full"
	}
	for _, setting := range r.changed() {
		run += " --set " + quoted(setting)
	}
	if r.Trouble != "" {
		return []string{run}
	}
	folder := "runs/" + r.shownFolder()
	if filepath.IsLocal(r.Folder) { // anything else says more about a machine than it must
		folder = filepath.ToSlash(r.Folder)
	}
	return []string{run, "go run ./experiments replay " + quoted(folder)}
}

// quoted makes a word safe for a shell.
func quoted(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_=.,/+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
