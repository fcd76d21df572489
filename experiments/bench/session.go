package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
)

// session is a runner's process.
type session struct {
	hello peer.Hello
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan []byte // closed at the end of the output
	said  *tail
	limit time.Duration
	end   context.CancelFunc
	once  sync.Once
}

// start starts a runner and waits for its hello.
func start(ctx context.Context, r Runner, threads int, limit time.Duration) (*session, error) {
	ctx, end := context.WithCancel(ctx)
	s := &session{said: &tail{}, limit: limit, end: end, lines: make(chan []byte)}
	s.cmd = exec.CommandContext(ctx, r.Command[0], r.Command[1:]...)
	s.cmd.Env, s.cmd.Stderr, s.cmd.WaitDelay = r.environment(threads), s.said, time.Second
	var err error
	if s.cmd.Dir, err = os.MkdirTemp("", "bench"); err != nil { // some leave files
		end()
		return nil, err
	}
	out, err := s.begin()
	if err != nil {
		end()
		return nil, errors.Join(err, os.RemoveAll(s.cmd.Dir))
	}
	go s.read(out)
	if err := s.next(ctx, &s.hello); err != nil {
		s.close()
		return nil, fmt.Errorf("it did not say what it is: %w", err)
	}
	if s.hello.Protocol != peer.Protocol || s.hello.Peer != r.Name {
		s.close()
		return nil, fmt.Errorf("it is %q of protocol %d; %q of protocol %d is needed", s.hello.Peer, s.hello.Protocol, r.Name, peer.Protocol)
	}
	return s, nil
}

func (s *session) begin() (out io.Reader, err error) {
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if out, err = s.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return out, s.cmd.Start()
}

func (s *session) read(out io.Reader) {
	defer close(s.lines)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		s.lines <- bytes.Clone(lines.Bytes())
	}
}

// next reads one line. When it errs the session is of no more use.
func (s *session) next(ctx context.Context, v any) error {
	wait := time.NewTimer(s.limit)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-wait.C:
		return fmt.Errorf("it took longer than %v", s.limit)
	case line, ok := <-s.lines:
		if !ok {
			return s.ended()
		}
		if err := json.Unmarshal(line, v); err != nil {
			return fmt.Errorf("it answered %.80q: %w", line, err)
		}
		return nil
	}
}

func (s *session) has(workload string) bool { return slices.Contains(s.hello.Workloads, workload) }

// failure says that a runner cannot do a workload; the session goes on.
type failure struct{ why string }

func (f *failure) Error() string { return f.why }

// measure asks for a measurement. The error is a *failure, or the session is of no more use.
func (s *session) measure(ctx context.Context, workload string, seconds float64) (a peer.Answer, err error) {
	if err := json.NewEncoder(s.in).Encode(peer.Request{Workload: workload, Seconds: seconds}); err != nil {
		return a, s.ended()
	}
	if err := s.next(ctx, &a); err != nil {
		return a, err
	}
	switch {
	case a.Error != "":
		return a, &failure{a.Error}
	case a.Workload != workload:
		return a, fmt.Errorf("it was asked for %q and answered for %q", workload, a.Workload)
	case !(a.Seconds > 0) || a.Runs < 1:
		return a, fmt.Errorf("it made %d runs of %v seconds", a.Runs, a.Seconds)
	}
	return a, nil
}

// ended says what the process said last.
func (s *session) ended() error {
	s.wait()
	return errors.New(strings.TrimSpace("it ended " + s.said.text()))
}

// wait lets the process end by itself, and ends it if it does not.
func (s *session) wait() {
	s.once.Do(func() {
		late := time.AfterFunc(2*time.Second, s.end)
		for range s.lines { // what else it says
		}
		_ = s.cmd.Wait()
		late.Stop()
	})
}

// close ends the session.
func (s *session) close() {
	_ = s.in.Close()
	s.wait()
	s.end()
	_ = os.RemoveAll(s.cmd.Dir)
}

// tail keeps the end of what is written to it. It is read when nobody writes any more.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 2000
	t.kept = append(t.kept, p...)
	t.kept = t.kept[max(0, len(t.kept)-most):]
	return len(p), nil
}

// text is the last line that says something.
func (t *tail) text() string {
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return "saying: " + last
	}
	return ""
}
