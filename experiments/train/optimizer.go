package train

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/sgd"
)

// methods has the update rules with their defaults. Options are the fields of the types, such as
// weight_decay for WeightDecay.
var methods = map[string]sgd.Method{
	"sgd": sgd.SGD{}, "heavy-ball": sgd.HeavyBall{}, "nesterov": sgd.Nesterov{}, "lbfgs": sgd.DefaultLBFGS(), "sparse-adam": sgd.DefaultSparseAdam(), "adadelta": sgd.DefaultAdadelta(), "adagrad": sgd.DefaultAdagrad(),
	"adam": sgd.DefaultAdam(), "adamw": sgd.DefaultAdamW(), "adamax": sgd.DefaultAdamax(), "nadam": sgd.DefaultNAdam(),
	"radam": sgd.DefaultRAdam(), "rmsprop": sgd.DefaultRMSprop(), "rprop": sgd.DefaultRprop(), "asgd": sgd.DefaultASGD(),
	"ftrl": sgd.DefaultFtrl(), "inna": sgd.DefaultINNA(),
}

func (f *File) method() (sgd.Method, error) {
	if !f.Method.given() {
		return sgd.SGD{}, nil
	}
	m, ok := methods[f.Method.Name]
	if !ok {
		return nil, f.Method.unknown("method", slices.Collect(maps.Keys(methods)))
	}
	v := reflect.New(reflect.TypeOf(m))
	v.Elem().Set(reflect.ValueOf(m))
	if err := f.Method.decodeFields(v.Interface()); err != nil {
		return nil, err
	}
	m = v.Elem().Interface().(sgd.Method)
	_, err := m.Start(nil)
	return m, err
}

// schedules makes schedules; epochs are counted in so many steps.
func (f *File) schedule(steps int) (sgd.Schedule, error) {
	if !f.Schedule.given() {
		return sgd.Constant(0.01), nil
	}
	return schedule(&f.Schedule, steps)
}

func schedule(c *Choice, steps int) (sgd.Schedule, error) {
	switch c.Name {
	case "constant":
		var rate float64
		err := c.decodeMain(&rate, &struct{}{})
		return sgd.Constant(rate), err
	case "power":
		var s sgd.Power
		err := c.decode(&s)
		return s, err
	case "cosine":
		s := sgd.Cosine{Over: steps}
		err := c.decodeMain(&s.Max, &s)
		return s, err
	case "steps":
		var s sgd.Steps
		err := c.decode(&s)
		return s, err
	case "warm-up":
		o := struct {
			Over int
			Then Choice
		}{}
		if err := c.decode(&o); err != nil {
			return nil, err
		}
		if !o.Then.given() {
			return nil, mistake(c.at, "warm-up needs the schedule that follows, as in \"warm-up: {over: 100, then: {constant: 0.1}}\"")
		}
		then, err := schedule(&o.Then, steps)
		return sgd.WarmUp{Over: o.Over, Then: then}, err
	}
	return nil, c.unknown("schedule", []string{"constant", "power", "cosine", "steps", "warm-up"})
}

// wiring says what derivatives are at kinks: a framework's, or one number.
func (f *File) wiring() (ad.Wiring, error) {
	c := &f.Kinks
	if !c.given() {
		return ad.PyTorch.Wiring(), nil
	}
	if c.Name == "value" {
		var v float64
		err := c.decodeMain(&v, &struct{}{})
		return ad.AtKink(v), err
	}
	if p, ok := ad.LookupPreset(c.Name); ok {
		return p.Wiring(), c.none()
	}
	var names []string
	for _, p := range ad.Presets() {
		names = append(names, p.Name)
	}
	return ad.Wiring{}, c.unknown("rule for kinks", append(names, "value: 0"))
}

// orders by name.
var orders = []sgd.Order{sgd.Reshuffled, sgd.ShuffledOnce, sgd.Incremental, sgd.WithReplacement}

func (f *File) order() (sgd.Order, error) {
	var names []string
	for _, o := range orders {
		name := strings.ReplaceAll(o.String(), " ", "-")
		if name == f.Order {
			return o, nil
		}
		names = append(names, name)
	}
	return 0, &MistakeError{Why: "there is no order \"" + f.Order + "\"; there are " + strings.Join(names, ", ")}
}
