package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/tamegrad/tamegrad/experiments/engine"
)

// replayVerb makes runs again.
type replayVerb struct {
	Folders []string `arg:"" name:"folder" help:"Run folders, OUT/CLAIM/KEY."`
	Anyway  bool     `help:"Also if code, toolchain, SIMD path or data are not what they were."`
	Workers int      `default:"0" help:"Goroutines a claim may use, 0 for all cores; never influences a result."`
	JSON    bool     `name:"json" help:"Print one JSON object."`
}

// replayed is what came out for one folder.
type replayed struct {
	Folder     string             `json:"folder"`
	Claim      string             `json:"claim"`
	Key        string             `json:"key"`
	Deviations []string           `json:"deviations"` // why equality was not promised
	Equal      bool               `json:"equal"`
	Difference *engine.Difference `json:"difference"` // the first one; null if equal
}

// Run implements the verb. All folders are read before the first run starts.
func (v *replayVerb) Run(a *app) error {
	if v.Workers < 0 {
		return fmt.Errorf("--workers %d: give a number of goroutines, or 0 for all cores", v.Workers)
	}
	workers := v.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	e := engine.Engine{Workers: workers, Build: a.build}
	var originals []engine.Original
	for _, folder := range v.Folders {
		o, err := e.Original(folder, a.claims)
		if err != nil {
			return err
		}
		if len(o.Deviations) > 0 && !v.Anyway {
			return fmt.Errorf("%s: %s; go back to what it was, or give --anyway", folder, strings.Join(o.Deviations, "; "))
		}
		originals = append(originals, o)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	results, err := v.replay(ctx, a, e, originals)
	if v.JSON && err == nil {
		err = a.printJSON(struct {
			Schema  int        `json:"schema"`
			Replays []replayed `json:"replays"`
		}{engine.Schema, results})
	}
	if err != nil {
		return err
	}
	for _, r := range results {
		if !r.Equal {
			return errClaimFailed
		}
	}
	return nil
}

func (v *replayVerb) replay(ctx context.Context, a *app, e engine.Engine, originals []engine.Original) ([]replayed, error) {
	var out []replayed
	for _, o := range originals {
		difference, err := e.Replay(ctx, o)
		switch {
		case errors.Is(err, context.Canceled):
			return nil, errInterrupted
		case err != nil:
			return nil, err
		}
		r := replayed{o.Folder, o.Manifest.Claim, o.Manifest.Key, append([]string{}, o.Deviations...), difference == nil, difference}
		out = append(out, r)
		if !v.JSON {
			if _, err := fmt.Fprintln(a.stdout, r); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// String is one line.
func (r replayed) String() string {
	if r.Equal {
		return r.Folder + ": equal"
	}
	return r.Folder + ": different, " + r.Difference.String()
}
