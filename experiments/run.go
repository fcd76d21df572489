package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/engine"
)

// runVerb runs claims.
type runVerb struct {
	Claims  []string `arg:"" optional:"" name:"claim" help:"Names or numbers; all claims by default."`
	Set     []string `sep:"none" placeholder:"NAME=VALUE" help:"Set a parameter, which every claim to run must have; repeatable."`
	Seed    uint64   `default:"1" help:"Seed of all random streams."`
	Full    bool     `help:"Take the defaults of the full profile."`
	Out     string   `default:"runs" placeholder:"DIR" help:"Folder of all runs (${default})."`
	Force   bool     `help:"Compute again what is already done."`
	Workers int      `default:"0" help:"Goroutines a claim may use, 0 for all cores; never influences a result."`
	JSON    bool     `name:"json" help:"Print the ledger as one JSON object."`
}

// Run implements the verb.
func (v *runVerb) Run(a *app) error {
	cells, err := v.plan(a.claims)
	if err != nil {
		return err
	}
	// The first signal stops the claim in flight; a second one has its usual effect.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	e := engine.Engine{Out: v.Out, Force: v.Force, Workers: v.workers(), Build: a.build, Progress: a.progress}
	ledger, err := e.Run(ctx, cells)
	if err != nil {
		return err
	}
	if err := a.printLedger(ledger, v.JSON); err != nil {
		return err
	}
	switch {
	case ledger.Interrupted():
		return errInterrupted
	case ledger.Failed():
		return errClaimFailed
	default:
		return nil
	}
}

// plan checks everything that the user gave before anything starts.
func (v *runVerb) plan(claims []claim.Claim) ([]engine.Cell, error) {
	if v.Workers < 0 {
		return nil, fmt.Errorf("--workers %d: give a number of goroutines, or 0 for all cores", v.Workers)
	}
	if v.Out == "" {
		return nil, fmt.Errorf("--out is empty: name a folder")
	}
	registry, err := claim.NewRegistry(claims)
	if err != nil {
		return nil, err
	}
	selected, err := registry.Select(v.Claims)
	if err != nil {
		return nil, err
	}
	var settings []claim.Setting
	for _, text := range v.Set {
		setting, err := claim.ParseSetting(text)
		if err != nil {
			return nil, fmt.Errorf("--set: %w", err)
		}
		settings = append(settings, setting)
	}
	profile := claim.Quick
	if v.Full {
		profile = claim.Full
	}
	cells, err := engine.Plan(selected, profile, v.Seed, settings)
	if err != nil {
		return nil, fmt.Errorf("--set: %w", err)
	}
	return cells, nil
}

func (v *runVerb) workers() int {
	if v.Workers == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return v.Workers
}
