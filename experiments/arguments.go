package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// beforeKong rearranges the arguments where kong would misread them.
//
//   - A positional argument tagged hyphen:"" may begin with one hyphen (explain '-relu(x)'). kong
//     takes it for a flag, so it is moved behind "--".
//   - A flag that wants a value would swallow the flag after it (run --out --json), or complain
//     about an "EOL" at the end. Both are reported in words.
func beforeKong(model *kong.Node, args []string) ([]string, error) {
	at, verb := findVerb(model, args)
	if verb == nil {
		return args, nil
	}
	out := slices.Clone(args[:at+1])
	var positional []string
	for i := at + 1; i < len(args); i++ {
		flag, inline := findFlag(verb, args[i])
		switch {
		case args[i] == "--":
			positional = append(positional, args[i+1:]...)
			i = len(args)
		case flag != nil && !inline && !flag.IsBool():
			i++
			if problem := missingValue(verb, args[i:]); problem != "" {
				return nil, fmt.Errorf("%s: --%s needs a value%s", strings.TrimPrefix(verb.FullPath(), model.Name+" "), flag.Name, problem)
			}
			out = append(out, args[i-1], args[i])
		case flag == nil && beginsWithOneHyphen(args[i]) && takesHyphens(verb):
			positional = append(positional, args[i])
		default:
			out = append(out, args[i])
		}
	}
	if len(positional) > 0 {
		out = append(append(out, "--"), positional...)
	}
	return out, nil
}

// missingValue tells why rest does not begin with a value, or "" if it does.
func missingValue(verb *kong.Node, rest []string) string {
	if len(rest) == 0 {
		return " after it"
	}
	if next, _ := findFlag(verb, rest[0]); next != nil {
		return " before " + rest[0]
	}
	return ""
}

func findVerb(model *kong.Node, args []string) (int, *kong.Node) {
	for i, arg := range args {
		for _, child := range model.Children {
			if child.Name == arg {
				return verbBelow(i, child, args)
			}
		}
	}
	return 0, nil
}

// verbBelow is a verb, or what is meant of those in it: the one that is named next, or else its default.
func verbBelow(at int, verb *kong.Node, args []string) (int, *kong.Node) {
	if at+1 < len(args) {
		for _, child := range verb.Children {
			if child.Name == args[at+1] {
				return at + 1, child
			}
		}
	}
	if verb.DefaultCmd != nil {
		return at, verb.DefaultCmd
	}
	return at, verb
}

// findFlag returns the verb's flag that arg spells; inline tells that its value is in arg as well.
func findFlag(verb *kong.Node, arg string) (flag *kong.Flag, inline bool) {
	name, _, inline := strings.Cut(arg, "=")
	for _, group := range verb.AllFlags(false) {
		for _, flag := range group {
			if name == "--"+flag.Name || flag.Short != 0 && name == "-"+string(flag.Short) {
				return flag, inline
			}
		}
	}
	return nil, false
}

func beginsWithOneHyphen(arg string) bool {
	return strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--")
}

func takesHyphens(verb *kong.Node) bool {
	return slices.ContainsFunc(verb.Positional, func(p *kong.Positional) bool { return p.Tag.Has("hyphen") })
}
