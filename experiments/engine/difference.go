package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"unicode/utf8"
)

// Difference is the first place where a replay did not give the same bytes.
type Difference struct {
	File string `json:"file"`
	// Key is the place inside the file: rows[2].measured in JSON, line 7 or byte 120 elsewhere,
	// or both joined by a colon; "" if one of the files is missing.
	Key      string `json:"key"`
	Stored   string `json:"stored"`   // what is there in the run folder
	Replayed string `json:"replayed"` // what came out now
	// Altered tells that the stored file is not the one that the run wrote: its checksum differs
	// from the manifest's.
	Altered bool `json:"altered"`
}

// String is one line.
func (d Difference) String() string {
	at := d.File
	if d.Key != "" {
		at += ", " + d.Key
	}
	text := fmt.Sprintf("%s: stored %s, replayed %s", at, d.Stored, d.Replayed)
	if d.Altered {
		text += " (the stored file was changed after the run)"
	}
	return text
}

// differ describes two contents that are not the same; nil stands for a missing file.
func differ(name string, stored, replayed []byte) *Difference {
	d := &Difference{File: name, Stored: "no file", Replayed: "no file"}
	switch {
	case stored == nil:
		d.Replayed = "a file"
	case replayed == nil:
		d.Stored = "a file"
	case path.Ext(name) == ".json":
		d.Key, d.Stored, d.Replayed = differJSON(stored, replayed)
	default:
		d.Key, d.Stored, d.Replayed = differLine(stored, replayed)
	}
	return d
}

// differLine finds the first line that differs, and if both are JSON the place inside it.
func differLine(stored, replayed []byte) (key, a, b string) {
	as, bs := bytes.Split(stored, []byte("\n")), bytes.Split(replayed, []byte("\n"))
	i := 0
	for i < len(as) && i < len(bs) && bytes.Equal(as[i], bs[i]) {
		i++
	}
	key = fmt.Sprintf("line %d", i+1)
	if i == len(as) || i == len(bs) {
		return key, fmt.Sprintf("%d lines", len(as)), fmt.Sprintf("%d lines", len(bs))
	}
	if json.Valid(as[i]) && json.Valid(bs[i]) {
		inside, a, b := differJSON(as[i], bs[i])
		return key + ": " + inside, a, b
	}
	return key, excerpt(as[i], bs[i]), excerpt(bs[i], as[i])
}

// differJSON finds the first value that differs, in the order of sorted keys.
func differJSON(stored, replayed []byte) (key, a, b string) {
	x, y := decode(stored), decode(replayed)
	if x != nil && y != nil {
		if key, a, b, found := differValue("", x, y); found {
			return key, a, b
		}
	}
	at := 0 // not JSON any more, or other spaces only
	for at < min(len(stored), len(replayed)) && stored[at] == replayed[at] {
		at++
	}
	return fmt.Sprintf("byte %d", at), excerpt(stored, replayed), excerpt(replayed, stored)
}

func decode(text []byte) any {
	var value any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // compares digits, not values
	if d.Decode(&value) != nil {
		return nil
	}
	return value
}

func differValue(key string, x, y any) (at, a, b string, found bool) {
	switch x := x.(type) {
	case map[string]any:
		if y, ok := y.(map[string]any); ok {
			return differObject(key, x, y)
		}
	case []any:
		if y, ok := y.([]any); ok {
			return differList(key, x, y)
		}
	}
	a, b = compact(x), compact(y)
	return key, a, b, a != b
}

func differObject(key string, x, y map[string]any) (at, a, b string, found bool) {
	names := maps.Clone(x)
	maps.Copy(names, y)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		inner := name
		if key != "" {
			inner = key + "." + name
		}
		u, inX := x[name]
		v, inY := y[name]
		if !inX || !inY {
			return inner, there(inX), there(inY), true
		}
		if at, a, b, found = differValue(inner, u, v); found {
			return at, a, b, true
		}
	}
	return "", "", "", false
}

func differList(key string, x, y []any) (at, a, b string, found bool) {
	for i := range min(len(x), len(y)) {
		if at, a, b, found = differValue(fmt.Sprintf("%s[%d]", key, i), x[i], y[i]); found {
			return at, a, b, true
		}
	}
	return key, fmt.Sprintf("%d entries", len(x)), fmt.Sprintf("%d entries", len(y)), len(x) != len(y)
}

func there(is bool) string {
	if is {
		return "a value"
	}
	return "nothing"
}

// shown is how much of a text a difference shows.
const shown = 60

func compact(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "?"
	}
	return cut(text)
}

// excerpt is the part of a text that begins shortly before it departs from the other one.
func excerpt(text, other []byte) string {
	at := 0
	for at < min(len(text), len(other)) && text[at] == other[at] {
		at++
	}
	from := max(at-shown/3, 0)
	return fmt.Sprintf("%q", cut(text[from:]))
}

func cut(text []byte) string {
	if len(text) <= shown {
		return string(text)
	}
	end := shown
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return string(text[:end]) + "…"
}
