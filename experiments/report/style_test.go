package report

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// contrast is the ratio of WCAG 2.2.
func contrast(a, b uint32) float64 {
	luminance := func(hex uint32) float64 {
		sum := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			s := float64(hex>>(8*i)&0xFF) / 255
			if s <= 0.04045 {
				sum += weight * s / 12.92
			} else {
				sum += weight * math.Pow((s+0.055)/1.055, 2.4)
			}
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	require.InDelta(t, 21, contrast(0, 0xFFFFFF), 1e-9)
	require.InDelta(t, 3.54, contrast(0x888888, 0xFFFFFF), 0.01)
	of := map[string]tone{}
	for _, tone := range tones {
		of[tone.name] = tone
	}
	for text, grounds := range map[string][]string{
		"text": {"ground", "card"}, "muted": {"ground", "card"}, "link": {"ground", "card"},
		"pass": {"pass-ground"}, "fail": {"fail-ground"}, "finding": {"finding-ground"}, "skipped": {"skipped-ground"},
	} {
		for _, ground := range grounds {
			require.GreaterOrEqual(t, contrast(of[text].light, of[ground].light), 4.5, "%s on %s", text, ground)
			require.GreaterOrEqual(t, contrast(of[text].dark, of[ground].dark), 4.5, "%s on %s, dark", text, ground)
		}
	}
}

// Every colour is a property with both forms, so no rule can forget the dark one; the one exception
// is the light card under stored drawings.
func TestRulesHaveNoColoursOfTheirOwn(t *testing.T) {
	require.Equal(t, []string{"#FFFFFF"}, regexp.MustCompile(`#[0-9A-Fa-f]{3,8}\b`).FindAllString(rules, -1))
	sheet := string(style())
	light, dark, found := strings.Cut(sheet, "@media screen and (prefers-color-scheme:dark)")
	require.True(t, found)
	for _, use := range regexp.MustCompile(`var\((--[a-z0-9-]+)\)`).FindAllStringSubmatch(rules, -1) {
		require.Contains(t, light, use[1]+":")
		require.Contains(t, dark, use[1]+":")
	}
	require.NotContains(t, sheet, "<")
	require.NotContains(t, sheet, "@import")
}
