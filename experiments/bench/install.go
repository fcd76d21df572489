package bench

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Installer makes runners of other libraries from their sources in experiments/peers.
type Installer struct {
	Root string // the folder of the module's sources, see FindRoot
	// Build is the folder for programs that are built. Those of C++ are built again when their sources, the compiler, the
	// processor or the library change.
	Build string
	CPU   string // the model of the processor
}

// FindRoot returns the folder of this module's sources in which dir is.
func FindRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	for ; err == nil; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module github.com/tamegrad/tamegrad\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", errors.New("peers are built from sources: run this in a clone of the repository")
}

// Peers returns the runners with the given names, which must be among Names. Those that cannot be built say why.
func (i Installer) Peers(ctx context.Context, names []string) []Runner {
	var out []Runner
	for _, name := range names {
		make, ok := map[string]func(context.Context) (Runner, error){
			HandCPP:  i.cpp(HandCPP, "g++", nil),
			OpenBLAS: i.openBLAS,
			ADOLC:    i.cpp(ADOLC, "libadolc-dev", nil, "-ladolc"),
			Sacado:   i.cpp(Sacado, "libtrilinos-sacado-dev libtrilinos-kokkos-dev", sacadoFlags),
			Torch:    i.torch,
			GoMLX:    i.golang(GoMLX),
			Gorgonia: i.golang(Gorgonia),
		}[name]
		if !ok {
			continue // this executable
		}
		r, err := make(ctx)
		r.Name = name
		if err != nil {
			r.Skipped = err.Error()
		}
		out = append(out, r)
	}
	i.chooseCore(ctx, out)
	return out
}

// keepMemory makes glibc keep what is freed. By default it gives blocks above 128 KiB back to the kernel, and page faults
// then are most of the time of libraries that allocate in every run: of PyTorch's large tensors, of ADOL-C's tapes.
var keepMemory = []string{"MALLOC_MMAP_THRESHOLD_=1073741824", "MALLOC_TRIM_THRESHOLD_=4294967295", "MALLOC_TOP_PAD_=67108864"}

// Headers of Sacado where Debian has them; those of MPI it only includes.
var sacadoFlags = []string{"-DOMPI_SKIP_MPICXX", "-I/usr/include/trilinos", "-I/usr/lib/x86_64-linux-gnu/openmpi/include"}

// cppFlags give the compiler what it may do without changing results, but that of errno.
var cppFlags = []string{"-O3", "-march=native", "-fno-math-errno", "-std=c++17", "-DNDEBUG"}

// cpp builds NAME.cpp with what some packages of Debian have; the version is that of the first.
func (i Installer) cpp(name, debian string, flags []string, libraries ...string) func(context.Context) (Runner, error) {
	return func(ctx context.Context) (Runner, error) {
		r := Runner{Env: keepMemory, Fresh: true} // starting is fast
		dir := filepath.Join(i.Root, "experiments", "peers", "cpp")
		compiler, err := exec.LookPath("g++")
		if err != nil {
			return r, errors.New("there is no g++: apt-get install g++")
		}
		version := installed(ctx, strings.Fields(debian)[0])
		args := slices.Concat(cppFlags, flags, []string{fmt.Sprintf("-DPEER_VERSION=%q", cmp.Or(version, "unknown version")), filepath.Join(dir, name+".cpp")})
		key, err := i.key(ctx, dir, compiler, args)
		if err != nil {
			return r, err
		}
		binary := filepath.Join(i.Build, name+"-"+key)
		r.Command = []string{binary}
		if _, err := os.Stat(binary); err == nil {
			return r, nil
		}
		args = append(args, "-o", binary+".new")
		if err := i.run(ctx, "", compiler, append(args, libraries...)...); err != nil {
			return r, fmt.Errorf("%w (apt-get install %s)", err, debian)
		}
		return r, os.Rename(binary+".new", binary)
	}
}

func (i Installer) openBLAS(ctx context.Context) (Runner, error) {
	return i.cpp(OpenBLAS, "libopenblas-dev", nil, "-lopenblas")(ctx)
}

// key is a hash of all that a program in C++ depends on.
func (i Installer) key(ctx context.Context, dir, compiler string, args []string) (string, error) {
	h := sha256.New()
	version, err := exec.CommandContext(ctx, compiler, "--version").Output()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%s\n%s\n%q\n", version, i.CPU, args)
	files, err := filepath.Glob(filepath.Join(dir, "*.?pp"))
	if err != nil {
		return "", err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", filepath.Base(f), len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)[:6]), nil
}

// installed is the version of a Debian package, "" if there is none or no Debian.
func installed(ctx context.Context, name string) string {
	out, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f=${Version}", name).Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// golang builds the module in experiments/peers/NAME.
func (i Installer) golang(name string) func(context.Context) (Runner, error) {
	return func(ctx context.Context) (Runner, error) {
		binary := filepath.Join(i.Build, name)
		if _, err := exec.LookPath("go"); err != nil {
			return Runner{}, errors.New("there is no go command")
		}
		dir := filepath.Join(i.Root, "experiments", "peers", name)
		return Runner{Command: []string{binary}}, i.run(ctx, dir, "go", "build", "-o", binary, ".")
	}
}

// torch finds a Python that has PyTorch: the first of its name, or the system's.
func (i Installer) torch(ctx context.Context) (Runner, error) {
	script := filepath.Join(i.Root, "experiments", "peers", "torch", "peer.py")
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(ctx, python, "-c", "import numpy, torch").Run() == nil {
			return Runner{Command: []string{python, script}, Env: keepMemory}, nil
		}
	}
	return Runner{}, errors.New("no python3 has torch and numpy: apt-get install python3-torch python3-numpy")
}

// run runs a command; its error says the first line of what went wrong.
func (i Installer) run(ctx context.Context, dir, name string, args ...string) error {
	if err := os.MkdirAll(i.Build, 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.SplitSeq(string(out), "\n") {
		if strings.Contains(line, "error") || strings.Contains(line, "go: ") {
			return fmt.Errorf("it cannot be built: %s", strings.TrimSpace(line))
		}
	}
	return fmt.Errorf("it cannot be built: %w", err)
}

// chooseCore lets OpenBLAS, and PyTorch with it, use the products that are the fastest here. For processors that are
// younger than the library it chooses ones that are many times slower than the processor can.
func (i Installer) chooseCore(ctx context.Context, runners []Runner) {
	if !slices.ContainsFunc(runners, func(r Runner) bool { return r.Name == OpenBLAS || r.Name == Torch }) {
		return
	}
	judge, err := i.openBLAS(ctx)
	if err != nil {
		return
	}
	judge.Name = OpenBLAS
	var best []string
	least := math.Inf(1)
	for _, env := range cores(kernel.Paths()) {
		r := judge
		r.Env = append(slices.Clone(r.Env), env...)
		if s := i.timeOfProduct(ctx, r); s < least {
			best, least = env, s
		}
	}
	for k := range runners {
		if name := runners[k].Name; name == OpenBLAS || name == Torch {
			runners[k].Env = append(slices.Clone(runners[k].Env), best...)
		}
	}
}

// cores are the choices of OpenBLAS that a processor with these kernels can run, its own first.
func cores(paths []string) [][]string {
	out := [][]string{nil}
	for path, core := range map[string]string{"avx2": "Haswell", "avx512": "SkylakeX"} {
		if slices.Contains(paths, path) {
			out = append(out, []string{"OPENBLAS_CORETYPE=" + core})
		}
	}
	return out
}

// timeOfProduct is the best time of a product; infinite if there is none.
func (i Installer) timeOfProduct(ctx context.Context, r Runner) float64 {
	s, err := start(ctx, r, 1, 30*time.Second)
	if err != nil {
		return math.Inf(1)
	}
	defer s.close()
	a, err := s.measure(ctx, "gemm/f32/512x512x512", 0.2)
	if err != nil {
		return math.Inf(1)
	}
	return a.Best
}
