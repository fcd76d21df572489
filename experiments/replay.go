package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/tamegrad/tamegrad/experiments/claim"
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
	e := engine.Engine{Workers: cmp.Or(v.Workers, runtime.GOMAXPROCS(0)), Build: a.build}
	originals, err := v.originals(a, e)
	if err != nil {
		return err
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

// originals reads all folders and refuses those of which equality is not promised.
func (v *replayVerb) originals(a *app, e engine.Engine) ([]engine.Original, error) {
	registry, err := claim.NewRegistry(a.claims)
	if err != nil {
		return nil, err
	}
	var out []engine.Original
	for _, folder := range v.Folders {
		o, err := e.Original(folder, registry.All())
		if err != nil {
			return nil, err
		}
		if len(o.Deviations) > 0 && !v.Anyway {
			return nil, fmt.Errorf("%s: %s; go back to what it was, or give --anyway", folder, strings.Join(o.Deviations, "; "))
		}
		out = append(out, o)
	}
	return out, nil
}

// replay makes the runs again, one after the other, and prints a line for each.
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
