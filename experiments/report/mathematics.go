package report

import (
	"html/template"
	"strings"
)

// mathematics sets a claim.Mathematics as HTML: paragraphs, displayed formulas, and formulas in
// running text, all formulas as MathML.
func mathematics(text string) template.HTML {
	var out strings.Builder
	for block := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		lines := strings.Split(strings.Trim(block, "\n"), "\n")
		switch {
		case strings.TrimSpace(block) == "":
		case displayed(lines):
			for _, line := range lines {
				out.WriteString(`<div class="formula">` + formula(line, true) + "</div>\n")
			}
		default:
			out.WriteString("<p>" + prose(strings.Join(lines, " ")) + "</p>\n")
		}
	}
	return template.HTML(out.String()) // of escaped parts only
}

// displayed tells whether all lines are indented.
func displayed(lines []string) bool {
	for _, line := range lines {
		if !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "  ") {
			return false
		}
	}
	return true
}

// prose escapes a paragraph and sets what stands in backquotes.
func prose(text string) string {
	var out strings.Builder
	for i, part := range strings.Split(strings.TrimSpace(text), "`") {
		if i%2 == 1 {
			out.WriteString(formula(part, false))
			continue
		}
		out.WriteString(template.HTMLEscapeString(part))
	}
	return out.String()
}

// formula sets one formula as MathML, with its text for programs that cannot show it.
func formula(text string, display bool) string {
	text = strings.TrimSpace(text)
	attributes := ""
	if display {
		attributes = ` display="block"`
	}
	s := setter{rest: []rune(text), display: display}
	return `<math` + attributes + ` alttext="` + template.HTMLEscapeString(text) + `"><mrow>` + s.row(0) + `</mrow></math>`
}
