// Command experiments runs the reproducible experiments of tamegrad.
//
//	go run ./experiments list
//	go run ./experiments run [NAME|NUMBER…]
//	go run ./experiments report [FOLDER|LEDGER…]
//	go run ./experiments replay FOLDER…
//	go run ./experiments train FILE
//	go run ./experiments bench [WORKLOAD…]
//	go run ./experiments bench growth [LAW…]
//	go run ./experiments codegen EXPR --gradient pytorch -o gradient.go
//
// Exit codes: 0 what was checked holds, 1 a claim failed, 2 bad input (one line on standard error
// names the place and the mend), 130 interrupted and resumable by the same command.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claims"
	"github.com/tamegrad/tamegrad/experiments/engine"
	"github.com/tamegrad/tamegrad/experiments/minimize"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the whole command; it returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{claims: claims.All(), build: engine.CurrentBuild(), stdin: stdin, stdout: stdout, stderr: stderr}
	return a.run(args)
}

// verbs is the grammar. To add a verb, add its field here and its type, with a method
// Run(*app) error, in a file of its own. A positional argument that may begin with a hyphen, such
// as an expression, is tagged hyphen:"" (see beforeKong).
type verbs struct {
	List     listVerb     `cmd:"" help:"List the claims."`
	Run      runVerb      `cmd:"" help:"Run claims and print the ledger."`
	Report   reportVerb   `cmd:"" help:"Write a page about what was run: ledger, claims, figures."`
	Replay   replayVerb   `cmd:"" help:"Make finished runs again and compare them bit for bit."`
	Explain  explainVerb  `cmd:"" help:"Analyse an expression at a point: selections, conservative field, Clarke set."`
	Verify   verifyVerb   `cmd:"" help:"Recheck saved answers of explain --json, without its searches."`
	Minimize minimizeVerb `cmd:"" help:"Minimise an expression or a test problem, with a certificate of stationarity."`
	Train    trainVerb    `cmd:"" help:"Train a network that a file describes on a data set."`
	Codegen  codegenVerb  `cmd:"" help:"Write an expression, or its gradient, as a Go file without dependencies."`
	Bench    benchVerbs   `cmd:"" help:"Measure this toolkit and other libraries side by side; bench peers --help lists the flags."`
	Peer     peerVerb     `cmd:"" name:"bench-peer" hidden:"" help:"Be a peer of bench, which starts it."`
	Version  versionVerb  `cmd:"" help:"Print the version, the machine and the kernels in use."`
}

// benchVerbs are the verbs of measuring: without a name of one, that of peers.
type benchVerbs struct {
	Peers  benchVerb  `cmd:"" default:"withargs" help:"Measure workloads by this toolkit and by other libraries (default)."`
	Growth growthVerb `cmd:"" help:"Measure how time, memory and counted work grow, and fit exponents beside predicted ones."`
}

// app is what verbs work with.
type app struct {
	claims         []claim.Claim
	build          engine.Build
	stdin          io.Reader
	stdout, stderr io.Writer
}

// What verbs return, apart from nil and one mistake in the input: all have told the user already.
var (
	errClaimFailed = errors.New("a claim failed")
	errCheckFailed = errors.New("a check failed")
	errBadInput    = errors.New("bad input")
	errInterrupted = errors.New("interrupted")
)

func (a *app) run(args []string) int {
	var grammar verbs
	helped := false // kong prints the help in the midst of parsing and expects the process to end
	parser, err := kong.New(&grammar,
		kong.Name("experiments"),
		kong.Description("Reproducible experiments on nonsmooth automatic differentiation."),
		kong.Writers(a.stdout, a.stderr),
		kong.Exit(func(int) { helped = true }),
		kong.WithHyphenPrefixedParameters(true), // --along -1,1
		kong.Vars{"methods": strings.Join(minimize.Methods(), ", ")},
	)
	if err != nil {
		return a.exit("experiments", err)
	}
	if _, err := kernel.Path(); err != nil {
		return a.exit("experiments", err)
	}
	args, err = beforeKong(parser.Model.Node, args)
	if err != nil {
		return a.exit("experiments", err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return 0
	case err != nil:
		return a.exit("experiments", withMend(err))
	default:
		return a.exit(parsed.Selected().FullPath(), parsed.Run(a))
	}
}

// exit says what is wrong, in one line, and returns the exit code.
func (a *app) exit(place string, err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errClaimFailed), errors.Is(err, errCheckFailed):
		return 1
	case errors.Is(err, errInterrupted):
		return 130
	case !errors.Is(err, errBadInput):
		a.report(place, err)
	}
	return 2
}

// report says in one line what is wrong.
func (a *app) report(place string, err error) {
	fmt.Fprintf(a.stderr, "%s: %s\n", place, strings.Join(strings.Fields(err.Error()), " "))
}

// withMend completes kong's message, which names the place and sometimes the mend.
func withMend(err error) error {
	text := err.Error()
	var parse *kong.ParseError
	complete := strings.HasPrefix(text, "expected one of") && !strings.HasSuffix(text, "...")
	if strings.Contains(text, "did you mean") || complete || !errors.As(err, &parse) {
		return err
	}
	help := "experiments --help"
	if node := parse.Context.Selected(); node != nil {
		help = node.FullPath() + " --help"
	}
	return fmt.Errorf("%w: %q shows what there is", err, help)
}
