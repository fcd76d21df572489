package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/explain"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// maxLine bounds one line of a file of points.
const maxLine = 16 << 20

// eachPoint prints one line of JSON for each line of the file, in order. A line
// that is no point is reported and passed over, so that a long batch does not end
// with one of them.
func (v *explainVerb) eachPoint(ctx context.Context, a *app, q explain.Request) error {
	in, err := v.openPoints(a.stdin)
	if err != nil {
		return err
	}
	defer in.Close()
	b := &batch{file: v.Points, app: a, analyzer: explain.NewAnalyzer(q), network: &v.network, repeats: map[string]int{}}
	if err := b.run(ctx, in); err != nil {
		return err
	}
	if b.summarize(); b.points == 0 {
		return fmt.Errorf("--points: %s has no points; write one a line, such as {\"x\": 0}", v.Points)
	}
	if b.bad > 0 {
		return errBadInput
	}
	return nil
}

func (v *explainVerb) openPoints(stdin io.Reader) (io.ReadCloser, error) {
	if v.Points == "-" {
		return io.NopCloser(stdin), nil
	}
	f, err := os.Open(v.Points)
	if err != nil {
		return nil, fmt.Errorf("--points: %w; give a file that can be read", err)
	}
	return f, nil
}

// batch analyses the lines of a file, several at a time.
type batch struct {
	file     string
	app      *app
	analyzer *explain.Analyzer
	network  *network // of a model; without inputs of an expression

	points, bad int
	repeats     map[string]int // of mistakes that are not the point's alone
}

// answer is what becomes of a line.
type answer struct {
	number int // of the line
	text   []byte
	err    error
}

// run reads lines, and prints answers in the order of the lines.
func (b *batch) run(ctx context.Context, in io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan answer, runtime.GOMAXPROCS(0))
	var readError error
	go func() {
		defer close(queue)
		readError = b.read(ctx, in, queue)
	}()
	for answers := range queue {
		if err := b.print(ctx, <-answers); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return readError
}

// read starts an analysis for each line that is not empty.
func (b *batch) read(ctx context.Context, in io.Reader, queue chan<- chan answer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	number := 0
	for lines.Scan() {
		number++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		b.points++
		answers := make(chan answer, 1)
		select {
		case queue <- answers:
		case <-ctx.Done():
			return nil
		}
		go func(number int, text []byte) {
			line, err := b.analyze(ctx, text)
			answers <- answer{number, line, err}
		}(number, bytes.Clone(text))
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%s:%d: the line is longer than %d bytes; give smaller points", b.file, number+1, maxLine)
	case err != nil:
		return fmt.Errorf("--points: %w; give a file that can be read", err)
	}
	return nil
}

func (b *batch) analyze(ctx context.Context, text []byte) ([]byte, error) {
	at, err := explain.ParsePointJSON(text)
	if err != nil {
		return nil, err
	}
	report, err := b.analyzer.At(ctx, b.network.point(at))
	if err != nil {
		return nil, err
	}
	return jsonnum.Line(report)
}

// print prints an answer, or what is wrong with the line.
func (b *batch) print(ctx context.Context, a answer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.err != nil {
		b.bad++
		b.complain(a)
		return nil
	}
	_, err := b.app.stdout.Write(a.text)
	return err
}

// complain reports a mistake with the number of its line. One in the expression
// would come with all lines, and is reported with the first.
func (b *batch) complain(a answer) {
	if !isAboutPoint(a.err) {
		if b.repeats[a.err.Error()]++; b.repeats[a.err.Error()] > 1 {
			return
		}
	}
	b.app.report("experiments explain", fmt.Errorf("%s:%d: %w", b.file, a.number, a.err))
}

// summarize says how many lines were not reported.
func (b *batch) summarize() {
	for _, mistake := range slices.Sorted(maps.Keys(b.repeats)) {
		if n := b.repeats[mistake] - 1; n > 0 {
			b.app.report("experiments explain", fmt.Errorf("%s: %d more lines with the same mistake: %s", b.file, n, mistake))
		}
	}
}
