package train

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/dataset"
)

// data is a data set in two parts.
type data struct {
	train, held *dataset.Set
	rows        shape
}

// dataOptions are those of all data sets; each uses some of them.
type dataOptions struct {
	HeldBack float64 `yaml:"held_back"` // share of every class, of sets without a part for tests
	Folder   string  `yaml:"folder"`    // of fashion-mnist
	PerClass int     `yaml:"per_class"` // of shapes
	Points   int     `yaml:"points"`    // of each of them
}

// Streams keep the draws of one seed apart.
const (
	splitStream = iota + 1
	initialStream
	orderStream
	shapeStream
	monitorStream
)

// tables are sets of real features, which are standardised.
var tables = map[string]func() (*dataset.Set, error){
	"breast-cancer": dataset.BreastCancer, "iris": dataset.Iris, "wine": dataset.Wine,
}

func (f *File) data(ctx context.Context) (d data, err error) {
	c := &f.Dataset
	o := dataOptions{HeldBack: 0.2, PerClass: 200, Points: 64}
	if err := c.decode(&o); err != nil {
		return d, err
	}
	if !(o.HeldBack >= 0 && o.HeldBack < 1) {
		return d, mistake(c.at, "held_back is %v; it must be at least 0 and below 1", o.HeldBack)
	}
	if o.PerClass < 1 || o.Points < 1 {
		return d, mistake(c.at, "per_class and points must be at least 1")
	}
	square := func(n int) shape { return shape{channels: 1, height: n, width: n} }
	if load, ok := tables[c.Name]; ok {
		all, err := load()
		if err != nil {
			return d, err
		}
		d.train, d.held, err = all.Split(o.HeldBack, rand.NewPCG(f.Seed, splitStream))
		if err == nil {
			d.train.Standardise(d.held)
		}
		return d, err
	}
	switch c.Name {
	case "digits":
		all, err := dataset.Digits()
		if err != nil {
			return d, err
		}
		d.rows = square(8)
		d.train, d.held, err = all.Split(o.HeldBack, rand.NewPCG(f.Seed, splitStream))
		return d, err
	case "mnist":
		d.rows = square(28)
		d.train, d.held, err = dataset.MNIST(ctx)
		return d, err
	case "fashion-mnist":
		d.rows = square(28)
		d.train, d.held, err = dataset.FashionMNIST(o.Folder)
		return d, err
	case "shapes":
		d.rows = shape{points: o.Points, coordinates: 3}
		all := dataset.Shapes(o.PerClass, o.Points, rand.NewPCG(f.Seed, shapeStream))
		d.train, d.held, err = all.Split(o.HeldBack, rand.NewPCG(f.Seed, splitStream))
		return d, err
	}
	return d, c.unknown("data set", append(slices.Collect(maps.Keys(tables)), "digits", "mnist", "fashion-mnist", "shapes"))
}
