package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tamegrad/tamegrad/experiments/bench"
	"github.com/tamegrad/tamegrad/experiments/bench/own"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// benchVerb measures this toolkit and other libraries side by side.
type benchVerb struct {
	Workloads []string `arg:"" optional:"" name:"workload" help:"Names, or what names begin with up to a slash: w1, gemm/f32, w2/f64. All by default."`
	List      bool     `help:"List the workloads and end."`
	Peers     []string `default:"all" placeholder:"NAME,…" help:"Beside this toolkit: generated, go, hand, openblas, torch, adolc, sacado, gomlx, gorgonia; all (default) or none."`
	Rounds    int      `default:"5" help:"Rounds; each starts every runner anew and measures everything once (${default})."`
	Threads   []int    `default:"1" placeholder:"N,…" help:"Numbers of threads; only large workloads are measured with more than one (${default})."`
	Seconds   float64  `default:"0.1" help:"About how long a measurement takes (${default})."`
	Build     string   `placeholder:"DIR" help:"Folder for the programs of peers; one in the user's cache by default."`
	CSV       string   `name:"csv" placeholder:"FILE" help:"Also write all times as CSV."`
	Markdown  string   `placeholder:"FILE" help:"Also write the page docs/performance.md, or another."`
	Figures   string   `placeholder:"DIR" help:"Also draw figures into a folder."`
	JSON      bool     `name:"json" help:"Print the results as one JSON object."`
}

// limit of one measurement: a runner that takes longer hangs.
const benchLimit = 3 * time.Minute

// Run implements the verb: exit code 1 if a runner fails or computes other numbers than the others, 0 also where bars are
// missed, for a loaded machine misses them too.
func (v *benchVerb) Run(a *app) error {
	workloads, err := bench.Select(v.Workloads)
	if err != nil {
		return err
	}
	if v.List {
		return listWorkloads(a, workloads)
	}
	if err := v.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal has its usual effect
	runners, err := v.runners(ctx, a.build)
	if err != nil {
		return err
	}
	results, err := bench.Run(ctx, bench.Options{
		Workloads: workloads, Runners: runners, Rounds: v.Rounds, Threads: v.Threads, Seconds: v.Seconds, Limit: benchLimit,
		Progress: a.benchProgress,
	})
	if results == nil {
		return err
	}
	if err := v.write(a, results); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(a.stderr, "experiments bench: interrupted; the results are those until then")
		return errInterrupted
	case err == nil && results.Failed():
		return errCheckFailed
	}
	return err
}

// check looks at what the user gave before anything is built.
func (v *benchVerb) check() error {
	switch {
	case v.Rounds < 1:
		return fmt.Errorf("--rounds %d: give at least 1", v.Rounds)
	case slices.ContainsFunc(v.Threads, func(n int) bool { return n < 1 }):
		return fmt.Errorf("--threads %v: give numbers of at least 1", v.Threads)
	case !(v.Seconds > 0) || v.Seconds > 10:
		return fmt.Errorf("--seconds %v: give a number above 0, at most 10", v.Seconds)
	}
	for _, name := range v.names() {
		if !slices.Contains(bench.Names, name) {
			return fmt.Errorf("--peers: there is no peer %q; there are %s", name, strings.Join(bench.Names, ", "))
		}
	}
	return nil
}

// names are the peers that were asked for.
func (v *benchVerb) names() []string {
	switch strings.Join(v.Peers, ",") {
	case "all":
		return bench.Names
	case "none":
		return nil
	}
	return v.Peers
}

// runners starts with this toolkit.
func (v *benchVerb) runners(ctx context.Context, build engine.Build) ([]bench.Runner, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	names := v.names()
	var out []bench.Runner
	for _, r := range bench.Own(self, peerVerbName) {
		if r.Name == own.Executor || slices.Contains(names, r.Name) {
			out = append(out, r)
		}
	}
	folder := v.Build
	if folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("there is no folder for programs of peers (%w); name one with --build", err)
		}
		folder = filepath.Join(cache, "tamegrad", "peers")
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, err
	}
	root, err := bench.FindRoot(".")
	if err != nil {
		for _, name := range names {
			if !slices.ContainsFunc(out, func(r bench.Runner) bool { return r.Name == name }) {
				out = append(out, bench.Runner{Name: name, Skipped: err.Error()})
			}
		}
		return out, nil
	}
	return append(out, bench.Installer{Root: root, Build: folder, CPU: build.CPU}.Peers(ctx, names)...), nil
}

func (v *benchVerb) write(a *app, r *bench.Results) error {
	machine := fmt.Sprintf("%s, %s kernels, %s, commit %s", a.build.CPU, a.build.SIMD, a.build.Go, commitOf(a.build))
	for path, write := range map[string]func(io.Writer) error{
		v.CSV:      r.WriteCSV,
		v.Markdown: func(w io.Writer) error { return r.WriteMarkdown(w, machine, v.command()) },
	} {
		var out bytes.Buffer
		if path == "" {
			continue
		}
		if err := write(&out); err != nil {
			return err
		}
		if err := explain.PutInPlace(path, out.Bytes()); err != nil {
			return err
		}
	}
	if v.Figures != "" {
		if err := v.draw(r); err != nil {
			return fmt.Errorf("--figures: %w", err)
		}
	}
	if v.JSON {
		return a.printJSON(r)
	}
	return r.WriteText(a.stdout, machine)
}

func commitOf(b engine.Build) string {
	switch {
	case b.Commit == "":
		return "unknown"
	case b.Modified:
		return fmt.Sprintf("%.12s (modified)", b.Commit)
	}
	return fmt.Sprintf("%.12s", b.Commit)
}

// command is what makes the page again.
func (v *benchVerb) command() string {
	words := append([]string{"go run ./experiments bench"}, v.Workloads...)
	if peers := strings.Join(v.Peers, ","); peers != "all" {
		words = append(words, "--peers "+peers)
	}
	threads := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(v.Threads)), ","), "[]")
	return strings.Join(append(words, fmt.Sprintf("--rounds %d --threads %s --seconds %v --markdown %s", v.Rounds, threads, v.Seconds, filepath.ToSlash(v.Markdown))), " ")
}

func (v *benchVerb) draw(r *bench.Results) error {
	if err := os.MkdirAll(v.Figures, 0o755); err != nil {
		return err
	}
	for name, of := range map[string]func() (figure.Figure, bool){"squares": r.Squares, "ratios": r.Ratios} {
		if f, ok := of(); ok {
			if err := drawInto(v.Figures, name, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// drawInto writes a figure into a folder.
func drawInto(dir, name string, f figure.Figure) error {
	var out bytes.Buffer
	if err := f.WriteSVG(&out); err != nil {
		return err
	}
	return explain.PutInPlace(filepath.Join(dir, name+".svg"), out.Bytes())
}

func listWorkloads(a *app, workloads []bench.Workload) error {
	var rows [][]string
	for _, w := range workloads {
		rows = append(rows, []string{w.Name, w.Doc})
	}
	return a.table([]string{"workload", "what it is"}, rows)
}

// benchProgress shows the workload in flight on a terminal, and elsewhere a line a round.
func (a *app) benchProgress(e bench.Event) {
	at := fmt.Sprintf("round %d of %d", e.Round+1, e.Rounds)
	switch {
	case isTerminal(a.stderr) && e.Round+1 == e.Rounds && e.Index+1 == e.Total:
		fmt.Fprint(a.stderr, clearLine)
	case isTerminal(a.stderr):
		fmt.Fprintf(a.stderr, "%s%s [%d/%d] %s …", clearLine, at, e.Index+1, e.Total, e.Workload)
	case e.Index == 0:
		fmt.Fprintf(a.stderr, "%s, %d workloads\n", at, e.Total)
	}
}

// peerVerb is what the verb bench starts; its name begins with what no user types.
type peerVerb struct {
	Name string `arg:"" help:"Which peer to be."`
}

// peerVerbName is the name of that verb.
const peerVerbName = "bench-peer"

// Run implements the verb.
func (v *peerVerb) Run(a *app) error { return own.Serve(a.stdin, a.stdout, v.Name) }
