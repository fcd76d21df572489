package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/experiments/progress"
	"github.com/tamegrad/tamegrad/experiments/train"
	"github.com/tamegrad/tamegrad/sgd"
)

// trainVerb trains a network that a file describes.
type trainVerb struct {
	File    string `arg:"" name:"FILE" help:"The training in YAML: dataset, network, method, epochs; - for standard input. docs/training.md has all that can be said."`
	Out     string `name:"out" placeholder:"FOLDER" help:"The folder for checkpoint, trace, parameters and figures; runs/train/NAME of the file by default."`
	Workers int    `name:"workers" placeholder:"N" help:"Goroutines that share large operations; all cores by default. Results do not depend on it."`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

// Run implements the verb: a training that was interrupted or killed goes on by the same command.
func (v *trainVerb) Run(a *app) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	session, err := v.session(ctx, a)
	if err != nil {
		return err
	}
	result, err := v.train(ctx, a, session)
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintln(a.stderr, "experiments train: interrupted; run the same command again to go on")
		return errInterrupted
	case err != nil:
		return err
	case v.JSON:
		line, err := jsonnum.Line(result)
		if err == nil {
			_, err = a.stdout.Write(line)
		}
		return err
	}
	return result.WriteText(a.stdout)
}

func (v *trainVerb) session(ctx context.Context, a *app) (*train.Session, error) {
	if v.Workers < 0 {
		return nil, fmt.Errorf("--workers is %d; give a number of goroutines, or leave it out", v.Workers)
	}
	text, err := os.ReadFile(v.File)
	if v.File == "-" {
		text, err = io.ReadAll(a.stdin)
	}
	if err != nil {
		return nil, err
	}
	folder := v.Out
	if folder == "" {
		name := strings.TrimSuffix(filepath.Base(v.File), filepath.Ext(v.File))
		if v.File == "-" {
			name = "standard-input"
		}
		folder = filepath.Join("runs", "train", name)
	}
	session, err := train.New(ctx, text, folder, v.Workers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.File, err)
	}
	return session, nil
}

// train shows a bar on a terminal.
func (v *trainVerb) train(ctx context.Context, a *app, session *train.Session) (*train.Result, error) {
	var watch []sgd.Watch
	if isTerminal(a.stderr) {
		bar := progress.New(a.stderr, filepath.Base(v.File), session.Steps())
		defer bar.Close()
		watch = append(watch, bar.Watch())
	}
	return session.Run(ctx, watch...)
}
