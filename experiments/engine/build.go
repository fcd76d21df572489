package engine

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Build tells which code runs on which machine.
type Build struct {
	Module   string `json:"module"`
	Version  string `json:"version"` // of the module; "(devel)" under go run
	Commit   string `json:"commit"`  // "" if unknown
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	CPU      string `json:"cpu"`  // the model, or the architecture if unknown
	SIMD     string `json:"simd"` // which kernels compute; see kernel.Path
}

// CurrentBuild describes the running program.
func CurrentBuild() Build {
	path, _ := kernel.Path()
	b := Build{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpuModel(), SIMD: path}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Module, b.Version = info.Main.Path, info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// code identifies what is executed: the commit if the build is clean, else the executable's bytes.
func (b Build) code() (string, error) {
	if b.Commit != "" && !b.Modified {
		return "commit " + b.Commit, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return "executable " + hex.EncodeToString(hash.Sum(nil)), nil
}

func cpuModel() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH // not Linux
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if key, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
