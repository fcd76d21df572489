package figure

// Superscript returns the ordinary character that a raised one such as ² or ⁻ stands for.
func Superscript(r rune) (base rune, ok bool) { base, ok = raised[r]; return base, ok }

// Subscript returns the ordinary character that a lowered one such as ₁ or ₖ stands for.
func Subscript(r rune) (base rune, ok bool) { base, ok = lowered[r]; return base, ok }

var (
	raised  = pairing("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱᶜ", "0123456789+−()nic")
	lowered = pairing("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑᵢⱼₖₗₘₙₒₚₛₜₓ", "0123456789+−()aeijklmnopstx")
)

func pairing(from, to string) map[rune]rune {
	pairs := map[rune]rune{}
	target := []rune(to)
	for i, r := range []rune(from) {
		pairs[r] = target[i]
	}
	return pairs
}
