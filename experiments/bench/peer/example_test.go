package peer_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
)

// A peer is its workloads; it waits for requests on its standard input.
func ExampleServe() {
	x := new(peer.Stream(1)).Symmetrics(1000, 1)
	sum := 0.0
	err := peer.Serve(strings.NewReader(""), os.Stdout, "mine", "1.0", map[string]peer.Prepare{
		"sum": func() (peer.Task, error) {
			return peer.Task{
				Run: func() error {
					sum = 0
					for _, v := range x {
						sum += v
					}
					return nil
				},
				Numbers: func() (peer.Checksum, error) { return peer.Of([]float64{sum}), nil },
			}, nil
		},
	})
	fmt.Println(err)
	// Output:
	// {"protocol":1,"peer":"mine","version":"1.0","workloads":["sum"]}
	// <nil>
}
