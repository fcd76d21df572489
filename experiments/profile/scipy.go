package profile

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// scipyScript minimises a function whose values and gradients it asks for on standard output and reads on
// standard input.
//
//go:embed scipy.py
var scipyScript string

// SciPy is a Python with the package scipy.
type SciPy struct {
	Python  string // the command
	Version string // of scipy
}

// FindSciPy looks for a python3 that has scipy. The error says that there is none.
func FindSciPy(ctx context.Context) (*SciPy, error) {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		out, err := exec.CommandContext(ctx, python, "-c", "import scipy.optimize; print(scipy.__version__)").Output()
		if err == nil {
			return &SciPy{python, strings.TrimSpace(string(out))}, nil
		}
	}
	return nil, errors.New("there is no python3 with scipy here")
}

// Solver returns the solver that is a method of scipy.optimize.minimize, such as "BFGS" or "Nelder-Mead", with its
// own defaults and rules for ending. Each question of it is a call, and has value and gradient; the script runs in
// a process of its own.
func (p *SciPy) Solver(name, method string) Solver {
	return Solver{name, func(ctx context.Context, f descent.Oracle, start []float64, calls int) (Answer, error) {
		command := exec.CommandContext(ctx, p.Python, "-c", scipyScript, method)
		in, err := command.StdinPipe()
		if err != nil {
			return Answer{}, err
		}
		out, err := command.StdoutPipe()
		if err != nil {
			return Answer{}, err
		}
		var complaint strings.Builder
		command.Stderr = &complaint
		if err := command.Start(); err != nil {
			return Answer{}, err
		}
		d := &dialogue{m: &memory{f: f, ctx: ctx, left: calls}, in: in, out: bufio.NewReader(out)}
		a, err := d.run(start)
		_ = in.Close()
		_ = command.Process.Kill() // it may be in the midst of a question that has no answer
		_ = command.Wait()
		if err != nil && complaint.Len() > 0 {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(complaint.String()))
		}
		return a, err
	}}
}

// dialogue answers the questions of a script.
type dialogue struct {
	m   *memory
	in  io.Writer
	out *bufio.Reader
}

// run gives the start, then a value and a gradient for each line, a point, until there is a line that begins
// with "end": steps, value, point and, after a tab, the reason.
func (d *dialogue) run(start []float64) (Answer, error) {
	best := Answer{X: slices.Clone(start)}
	if err := d.tell(start); err != nil {
		return best, err
	}
	for first := true; ; first = false {
		line, err := d.out.ReadString('\n')
		if err != nil {
			return best, fmt.Errorf("profile: the script of scipy ended: %w", err)
		}
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "end "); ok {
			return ended(rest)
		}
		x, err := numbers(line)
		if err != nil {
			return best, err
		}
		gradient := make([]float64, len(x))
		value, err := d.m.Evaluate(x, gradient)
		switch {
		case errors.Is(err, errSpent), err != nil && d.m.ctx.Err() != nil:
			best.Status = "out of calls"
			return best, nil
		case err != nil:
			return best, err
		}
		if first || value < best.F {
			best.X, best.F = x, value
		}
		if err := d.tell(append([]float64{value}, gradient...)); err != nil {
			return best, err
		}
	}
}

func (d *dialogue) tell(x []float64) error {
	words := make([]string, len(x))
	for i, v := range x {
		words[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	_, err := io.WriteString(d.in, strings.Join(words, " ")+"\n")
	return err
}

// ended reads what follows "end".
func ended(text string) (Answer, error) {
	text, status, _ := strings.Cut(text, "\t")
	v, err := numbers(text)
	if err != nil || len(v) < 3 {
		return Answer{}, fmt.Errorf("profile: the script of scipy ended with %q", text)
	}
	return Answer{Iterations: int(v[0]), F: v[1], X: v[2:], Status: status}, nil
}

func numbers(line string) ([]float64, error) {
	var out []float64
	for _, word := range strings.Fields(line) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil, fmt.Errorf("profile: the script of scipy wrote %q where a number is due", word)
		}
		out = append(out, v)
	}
	return out, nil
}
