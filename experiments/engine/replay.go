package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Original is a finished run that can be made again.
type Original struct {
	Folder   string
	Manifest Manifest
	Cell     Cell
	// Deviations are sentences, without full stop, about what determines a result and is not now
	// what it was then: code, toolchain, SIMD path, data, programs. Equal results are then not promised.
	Deviations []string
}

// ReplayError tells why a folder cannot be replayed.
type ReplayError struct{ Folder, Problem string }

// Error implements error.
func (e *ReplayError) Error() string {
	return fmt.Sprintf("%s cannot be replayed: %s", e.Folder, e.Problem)
}

// Original reads a run folder and compares its configuration with what this engine would run.
// Its error is a *ReplayError.
func (e Engine) Original(folder string, claims []claim.Claim) (Original, error) {
	fail := func(format string, args ...any) (Original, error) {
		return Original{}, &ReplayError{folder, fmt.Sprintf(format, args...)}
	}
	r := ReadRecord(folder)
	m := r.Manifest
	i := slices.IndexFunc(claims, func(c claim.Claim) bool { return c.Name == m.Claim })
	switch {
	case m.Status == "":
		return fail("%s; give a folder OUT/CLAIM/KEY that \"run\" made", r.Problem)
	case m.Status != Done:
		return fail("its status is %q; only what is done can be compared, so run it to its end first", m.Status)
	case i < 0:
		return fail("there is no claim %q in this program; use the one that made it, %s", m.Claim, m.Build.Version)
	}
	values, err := claims[i].ReadValues(rawParams(m))
	if err != nil {
		return fail("%v; the claim has changed since", err)
	}
	o := Original{Folder: folder, Manifest: m, Cell: Cell{claims[i], r.Config.Profile, values, r.Config.Seed}}
	code, err := e.Build.code()
	if err != nil {
		return fail("%v", err)
	}
	var now Config
	err = claim.Protect(func() (err error) {
		now, err = newConfig(o.Cell, e.Build, code)
		return err
	})
	if err != nil {
		return fail("%v", err)
	}
	o.Deviations = r.Config.deviations(now)
	return o, nil
}

// rawParams cuts the parameters out of the configuration, with all their digits.
func rawParams(m Manifest) json.RawMessage {
	var c struct{ Params json.RawMessage }
	_ = json.Unmarshal(m.Config, &c) // nothing is then refused as a value
	return c.Params
}

// deviations says where now differs from c, apart from what a replay takes over from c.
func (c Config) deviations(now Config) []string {
	var out []string
	for _, d := range []struct{ what, then, now string }{
		{"code", c.Code, now.Code},
		{"toolchain", c.Toolchain, now.Toolchain},
		{"SIMD path", c.SIMD, now.SIMD},
		{"checksum of the programs", c.Programs, now.Programs},
	} {
		if d.then != d.now {
			out = append(out, fmt.Sprintf("its %s was %q and is %q here", d.what, d.then, d.now))
		}
	}
	names := map[string]string{}
	maps.Copy(names, c.Data)
	maps.Copy(names, now.Data)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if c.Data[name] != now.Data[name] {
			out = append(out, fmt.Sprintf("its data set %s had the checksum %q and has %q here", name, c.Data[name], now.Data[name]))
		}
	}
	return out
}

// Replay makes the run again, in a temporary folder that it removes, and compares every file
// that the manifest lists bit for bit, the result first. It returns the first difference, nil if
// there is none. When ctx ends its error is ctx's; other errors are of the file system.
// e.Out and e.Force do not matter.
func (e Engine) Replay(ctx context.Context, o Original) (*Difference, error) {
	temporary, err := os.MkdirTemp("", "replay-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temporary)
	e.Out = temporary
	ledger, err := e.Run(ctx, []Cell{o.Cell})
	if err != nil {
		return nil, err
	}
	run := ledger.Runs[0]
	switch run.Status {
	case Interrupted:
		return nil, context.Cause(ctx)
	case Done:
	default:
		return &Difference{File: resultName, Stored: "a result", Replayed: ledger.Rows[0].Why}, nil
	}
	again := filepath.Join(temporary, run.Claim, run.Key)
	m, err := ReadManifest(again)
	if err != nil {
		return nil, err
	}
	return o.compare(again, m), nil
}

// compare returns the first difference between the files of both manifests.
func (o Original) compare(again string, m Manifest) *Difference {
	names := map[string]string{}
	maps.Copy(names, o.Manifest.Outputs)
	maps.Copy(names, m.Outputs)
	delete(names, resultName) // it comes first
	for _, name := range append([]string{resultName}, slices.Sorted(maps.Keys(names))...) {
		stored := readIfThere(o.Folder, name)
		replayed := readIfThere(again, name)
		if bytes.Equal(stored, replayed) && (stored == nil) == (replayed == nil) {
			continue
		}
		d := differ(name, stored, replayed)
		d.Altered = claim.Sum(stored) != o.Manifest.Outputs[name] && o.Manifest.Outputs[name] != ""
		return d
	}
	return nil
}

// readIfThere returns the bytes of a file, nil if it cannot be read.
func readIfThere(folder, name string) []byte {
	path := filepath.FromSlash(name)
	if !filepath.IsLocal(path) {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil
	}
	return append([]byte{}, text...) // not nil when empty
}
