package generated_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
)

// The files are what codegen writes today.
func TestCurrent(t *testing.T) {
	for _, c := range workload.Chains {
		for _, n := range workload.Variables {
			d, err := ad.Gradient(c.Program(n))
			require.NoError(t, err)
			d, err = ad.Wire(d, ad.PyTorch.Wiring())
			require.NoError(t, err)
			var out bytes.Buffer
			require.NoError(t, codegen.Write(&out, d, codegen.Options{
				Func: fmt.Sprintf("%s%d", c.Func, n), Preset: ad.PyTorch.Name,
			}))
			name := fmt.Sprintf("%s_%d.go", c.Name, n)
			if os.Getenv("UPDATE_GENERATED") != "" {
				require.NoError(t, os.WriteFile(name, out.Bytes(), 0o644))
			}
			text, err := os.ReadFile(name)
			require.NoError(t, err, "UPDATE_GENERATED=1 go test ./experiments/bench/own/generated writes it")
			require.Equal(t, out.String(), string(text), "UPDATE_GENERATED=1 go test ./experiments/bench/own/generated writes it anew")
		}
	}
}
