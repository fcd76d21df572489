package engine

import (
	"maps"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// Schema is the version of manifest.json, result.json and the ledger.
const Schema = 1

// keyLength is the number of hexadecimal digits of a key. A collision of 64 bits is noticed,
// since a folder is reused only if its whole configuration is the same.
const keyLength = 16

// Config is everything that determines a result, and nothing else: no date, host, path or
// number of workers.
type Config struct {
	Schema    int               `json:"schema"`
	Claim     string            `json:"claim"`
	Params    claim.Values      `json:"params"`
	Seed      uint64            `json:"seed"`
	Profile   claim.Profile     `json:"profile"`
	Data      map[string]string `json:"data"`      // data set → SHA-256
	Programs  string            `json:"programs"`  // SHA-256 of the programs' texts
	Code      string            `json:"code"`      // commit, or hash of the executable
	Toolchain string            `json:"toolchain"` // Go version and architecture, whose math library may differ
	SIMD      string            `json:"simd"`
}

// newConfig resolves what a cell's result depends on.
func newConfig(cell Cell, b Build, code string) (Config, error) {
	var inputs claim.Inputs
	if cell.Claim.Inputs != nil {
		var err error
		if inputs, err = cell.Claim.Inputs(cell.Values); err != nil {
			return Config{}, err
		}
	}
	programs, err := jsonnum.Line(append([]string{}, inputs.Programs...))
	if err != nil {
		return Config{}, err
	}
	data := maps.Clone(inputs.Data)
	if data == nil {
		data = map[string]string{} // no data has one spelling
	}
	return Config{
		Schema: Schema, Claim: cell.Claim.Name, Params: cell.Values, Seed: cell.Seed, Profile: cell.Profile,
		Data: data, Programs: claim.Sum(programs), Code: code, Toolchain: b.Go + " " + b.Arch, SIMD: b.SIMD,
	}, nil
}

// key hashes the canonical text of a configuration.
func (c Config) key() (key string, text []byte, err error) {
	if text, err = jsonnum.Line(c); err != nil {
		return "", nil, err
	}
	return claim.Sum(text)[:keyLength], text, nil
}
