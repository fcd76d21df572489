package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// node is an element of a page, which is written so that it is XML as well.
type node struct {
	name     string
	attr     map[string]string
	children []*node
	text     string // of a node without a name
}

func parsed(t testing.TB, page string) *node {
	t.Helper()
	root := &node{}
	stack := []*node{root}
	d := xml.NewDecoder(strings.NewReader(page))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			require.Len(t, stack, 1)
			return root
		}
		require.NoError(t, err)
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			top.children = append(top.children, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.children = append(top.children, &node{text: string(token)})
		}
	}
}

// find returns the elements of a name, in their order.
func (n *node) find(name string) []*node {
	var out []*node
	for _, child := range n.children {
		if child.name == name {
			out = append(out, child)
		}
		out = append(out, child.find(name)...)
	}
	return out
}

func (n *node) with(attribute, value string) *node {
	if slices.Contains(strings.Fields(n.attr[attribute]), value) {
		return n
	}
	for _, child := range n.children {
		if found := child.with(attribute, value); found != nil {
			return found
		}
	}
	return nil
}

func (n *node) all() string {
	text := n.text
	for _, child := range n.children {
		text += " " + child.all()
	}
	return strings.Join(strings.Fields(text), " ")
}

func texts(nodes []*node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.all())
	}
	return out
}

func TestStructure(t *testing.T) {
	out, _ := runExamples(t)
	page := parsed(t, html(t, collected(t, out)))
	require.Equal(t, "en", page.find("html")[0].attr["lang"])
	for _, landmark := range []string{"head", "nav", "main", "footer", "h1"} {
		require.Len(t, page.find(landmark), 1, landmark)
	}
	require.Empty(t, page.find("script"))
	require.Equal(t, []string{"7 ✓ pass", "3 ✗ fail", "1 ◆ finding", "5 – skipped"}, texts(page.with("class", "counts").find("li")))
	require.Contains(t, page.with("class", "builds").all(), "v0.2.0, commit")
	require.Contains(t, page.with("class", "builds").all(), "go1.26 on linux/amd64, A Processor @ 2 GHz, kernels: go")
	require.Equal(t, []string{"12", "14", "21", "24", "30", "41", "41", "42", "48"}, func() (n []string) {
		for _, tile := range page.find("nav")[0].find("a") {
			n = append(n, tile.with("class", "n").all())
		}
		return n
	}())

	ledger := page.with("class", "ledger")
	require.Equal(t, []string{"Check", "Predicted", "Measured", "Verdict", "Why"}, texts(ledger.find("thead")[0].find("th")))
	groups := ledger.find("tbody")
	require.Len(t, groups, 10, "one a run")
	require.Equal(t, "slope −0.5 −0.497213 [−0.5121, −0.4813] ✓ pass The measured -0.497213 in [-0.5121, -0.4813] is -0.5 up to 0.05.", groups[0].find("tr")[1].all())
	finding := groups[2].find("tr")[3]
	require.Equal(t, "gorgonia 1 2 ◆ finding The measured 2 is not exactly 1. It is exactly 2: Three libraries give the whole gradient to every tied entry, which no conservative field contains.", finding.all())
	for i, group := range groups {
		if link := group.find("a")[0]; i < 8 {
			section := page.with("aria-labelledby", link.attr["href"][1:])
			require.Contains(t, section.find("h2")[0].all(), link.all())
		}
	}
}

func TestSections(t *testing.T) {
	out, _ := runExamples(t)
	page := parsed(t, html(t, collected(t, out)))
	rate := page.with("aria-labelledby", "run-1")
	require.Equal(t, "12 14 subgradient-rate ✓ pass", rate.find("h2")[0].all())
	require.Equal(t, []string{"Mathematics", "Checks", "Figures", "Parameters", "Run it again"}, texts(rate.find("h3")))
	require.Len(t, rate.with("class", "mathematics").find("math"), 3+1+3+2+1, "in text and displayed in turn")
	require.Equal(t, []string{"method plain which averaging is used", "runs 30 independent starts", "steps 0.1,1 first steps λ₁"}, texts(rate.find("tbody")[2].find("tr")))
	require.Len(t, rate.find("svg"), 2)
	require.Equal(t, "Gap to the minimum, mean of 30 runs The mean follows the predicted slope −1/2 over four decades.", rate.find("figcaption")[0].all())
	commands := texts(rate.find("code"))
	require.Equal(t, "go run ./experiments run subgradient-rate --seed 1", commands[len(commands)-2])
	require.Contains(t, commands[len(commands)-1], "go run ./experiments replay runs/subgradient-rate/")
	require.Contains(t, rate.with("class", "facts").all(), "Time 1.5 s on 2 workers")
	require.Contains(t, rate.with("class", "facts").all(), "Code commit 0123456789ab")

	tie := page.with("aria-labelledby", "run-3")
	require.Equal(t, []string{"Check", "Verdict", "Predicted", "Measured", "abs", "entries", "maximum"}, texts(tie.find("thead")[0].find("th")))
	image := tie.find("img")[0]
	require.Equal(t, "Figure sketch of ties-of-a-maximum: A stored drawing", image.attr["alt"])
	require.True(t, strings.HasPrefix(image.attr["src"], "data:image/svg+xml;base64,"))
	require.Empty(t, page.with("aria-labelledby", "run-2").find("figure"), "a claim without figures")
}

func TestTroubleIsNamed(t *testing.T) {
	out, _ := runExamples(t)
	page := parsed(t, html(t, collected(t, out)))
	trouble := texts(page.with("class", "trouble").find("li"))
	require.Len(t, trouble, 4)
	require.Contains(t, trouble[0], `needs-a-peer (full profile, seed 9) , 0123456789abcdef : The run is unfinished (its manifest says "running")`)
	require.Contains(t, trouble[1], "The run failed: the disk is full.")
	require.Contains(t, trouble[2], "The run folder is broken: manifest.json is missing.")
	require.Contains(t, trouble[3], "The run folder is broken: manifest.json cannot be read")
}

// What comes from claims and folders is text, and the page has nothing to run or to fetch.
func TestNothingEscapes(t *testing.T) {
	out, _ := runExamples(t)
	page := html(t, collected(t, out))
	require.NotContains(t, page, "<script")
	require.NotContains(t, page, "alert(\"1\")")
	require.Contains(t, page, "&lt;script&gt;alert")
	require.NotRegexp(t, regexp.MustCompile(`(?i)(src|href|url\()\s*=?\s*["']?(https?:|//)`), page)
	require.Contains(t, page, `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
	evil := parsed(t, page).with("aria-labelledby", "run-8")
	require.Contains(t, evil.find("pre")[0].all(), "--seed 1")
	require.Less(t, len(page), 5_000_000)
}

func TestTheSameFoldersGiveTheSamePage(t *testing.T) {
	out, _ := runExamples(t)
	page := html(t, collected(t, out))
	for range 3 {
		require.Equal(t, page, html(t, collected(t, out)))
	}
	require.NotContains(t, page, out, "the page does not tell where it was made")
}

func TestNumbers(t *testing.T) {
	row := func(p, m, lo, hi float64, v claim.Verdict) claim.Row {
		return claim.Row{
			Predicted: jsonnum.Number(p), Measured: jsonnum.Number(m), Lower: jsonnum.Number(lo), Upper: jsonnum.Number(hi), Verdict: v,
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		row  claim.Row
		want [3]string
	}{
		{row(1, 1.0/3, 0.25, 0.5, claim.Pass), [3]string{"1", "0.333333", "[0.25, 0.5]"}},
		{row(-1e-9, math.Copysign(0, -1), 0, 0, claim.Fail), [3]string{"−1e−09", "0", ""}},
		{row(inf, -inf, -inf, inf, claim.Fail), [3]string{"∞", "−∞", "[−∞, ∞]"}},
		{row(nan, nan, nan, nan, claim.Pass), [3]string{"NaN", "NaN", ""}},
		{row(nan, nan, nan, nan, claim.Fail), [3]string{"–", "–", ""}},
		{row(2, nan, nan, nan, claim.NotTested), [3]string{"2", "–", ""}},
		{row(2, nan, nan, nan, claim.Fail), [3]string{"2", "not measured", ""}},
	} {
		p, m, interval := numbers(test.row, short)
		require.Equal(t, test.want, [3]string{p, m, interval})
	}
}

func TestWorstVerdictLeads(t *testing.T) {
	rows := []claim.Row{{Verdict: claim.Pass}}
	for _, v := range []claim.Verdict{claim.NotTested, claim.Found, claim.Fail} {
		rows = append(rows, claim.Row{Verdict: v})
		require.Equal(t, v, worst(rows))
	}
	require.Equal(t, mark{"skipped", "?"}, markOf("undecided"))
}

func TestSeveralBuildsAreListed(t *testing.T) {
	out, _ := runExamples(t)
	r := collected(t, out)
	r.Runs[1].Manifest.Build = engine.Build{Go: "go1.27", OS: "linux", Arch: "arm64", CPU: "Another", SIMD: "neon"}
	page := parsed(t, html(t, r))
	require.Len(t, page.with("class", "builds").find("li"), 2)
	require.Contains(t, page.with("aria-labelledby", "run-2").with("class", "facts").all(), "Build 2")
}
