// Package peer is what programs share that the verb bench measures beside each other: the protocol by which they are
// asked, how they take times, the stream of numbers that their inputs come from, and the sum by which their answers are
// compared. It needs the standard library only, so that a peer in Go is its workloads and a call of [Serve]; peers in
// other languages speak the same lines:
//
//	the peer says, once          {"protocol": 1, "peer": "torch", "version": "1.13.1", "workloads": ["w2/f32", …]}
//	bench asks, again and again  {"workload": "w2/f32", "seconds": 0.1}
//	the peer answers each        {"workload": "w2/f32", "seconds": 1.9e-3, "best": 1.8e-3, "runs": 53, "sum": 0.25, "size": 31.7}
//	or                           {"workload": "w2/f32", "error": "it has no 2×2 windows"}
//
// A peer prepares a workload when it is first asked for it, makes one run that is not timed before every measurement, and
// waits without using the processor otherwise. It ends when its input does. What else it has to say goes to standard error.
package peer

// Protocol is the version of the protocol.
const Protocol = 1

// Hello is the first line of a peer.
type Hello struct {
	Protocol  int      `json:"protocol"`
	Peer      string   `json:"peer"`      // the name it is known by
	Version   string   `json:"version"`   // of the library, and what matters besides
	Workloads []string `json:"workloads"` // the names of those it has
}

// Request asks for a measurement of a workload that takes about so many seconds, but at least one run.
type Request struct {
	Workload string  `json:"workload"`
	Seconds  float64 `json:"seconds"`
}

// Answer is one measurement, or the reason why there is none.
type Answer struct {
	Workload string  `json:"workload"`
	Seconds  float64 `json:"seconds"` // of one run: the median over batches of runs
	Best     float64 `json:"best"`    // that of the fastest batch
	Runs     int     `json:"runs"`
	Sum      float64 `json:"sum"` // the checksum of what was computed, see [Checksum]
	Size     float64 `json:"size"`
	Error    string  `json:"error,omitempty"`
}
