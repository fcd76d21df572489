package conservative

import (
	"flag"
	"strconv"

	"github.com/stretchr/testify/require"
)

// RequireSeen wants a law to have met the case that it is about: a rare one may
// not come up in fewer than a thousand draws.
func RequireSeen(t require.TestingT, times int) {
	const many = 1000
	if checks, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String()); err == nil && checks >= many {
		require.Positive(t, times)
	}
}
