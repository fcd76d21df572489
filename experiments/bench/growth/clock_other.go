//go:build !unix

package growth

import "time"

// processorTime is the clock where the system is not asked.
func processorTime() time.Duration { return sinceStart() }
