// Package nearest finds what a mistyped word was meant to be.
package nearest

// Word returns the word with the smallest edit distance to text, the first one on ties,
// or "" if none is near enough to be meant. One that shares nothing with text is not.
func Word(text string, words []string) string {
	best, limit := "", max(2, len(text)/3)+1
	for _, word := range words {
		if d := editDistance(text, word); d < min(limit, max(len(text), len(word))) {
			best, limit = word, d
		}
	}
	return best
}

// editDistance is the number of insertions, deletions and substitutions from a to b
// (Wagner and Fischer 1974), in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
