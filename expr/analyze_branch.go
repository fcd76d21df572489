package expr

// branch treats the ops that may ignore an operand: where takes one branch off
// its switch, Gate ignores what it multiplies by 0, and selectors are constant
// off their kinks, whatever the slot is. done is false if the op is not one of
// them or has nothing to ignore here.
func (a *analysis) branch(p *application) (f fact, done bool) {
	switch p.n.Op() {
	case opWhere:
		return a.where(p), true
	case opGate:
		s, known := a.sign(p, 0)
		return constantFact(between(0, 0)), known && s == 0
	case opStep:
		return a.step(p)
	case opTied:
		return a.tied(p)
	case opRank, opPermutation:
		return a.order(p)
	case opPermute, opUnpermute:
		return a.moving(p, "the order jumps where entries tie"), true
	case opGatherRows, opScatterRows:
		return a.moving(p, indexJumps), true
	}
	return f, false
}

// sign returns the sign that operand i has near the point, or everywhere.
func (a *analysis) sign(p *application, i int) (sign int, known bool) {
	f := p.args[i]
	if s, ok := f.in.sign(); ok {
		return s, true
	}
	v := a.values(p.n.Args()[i])
	if v == nil || p.entry < 0 || v[p.entry] != v[p.entry] {
		return 0, false
	}
	s := floats.cmp(v[p.entry], 0)
	return s, f.constant || s != 0 && f.level >= Continuous
}

// where is the taken branch if the switch keeps its sign. A switch that is
// nowhere 0 keeps it on every connected set. Otherwise the branches have to
// agree on the switch's zeros, of which this release knows one proof: they are
// the same node.
func (a *analysis) where(p *application) fact {
	if s, known := a.sign(p, 0); known {
		if Comparison(p.n.Attr().Int(0)).holds(s) {
			return p.args[1]
		}
		return p.args[2]
	}
	ids := p.n.ArgIDs()
	level, why := Unproved, whyWhere(Comparison(p.n.Attr().Int(0)))
	if ids[1] == ids[2] || !p.args[0].in.Zero && p.args[0].level >= Continuous {
		level, why = LocallyLipschitz, ""
	}
	f := a.combine(p, level, why)
	f.in = p.args[1].in.hull(p.args[2].in)
	return f
}

// step is 1 or 0 by the first key that is not 0 near the point.
func (a *analysis) step(p *application) (fact, bool) {
	last := len(p.args) - 1
	for i := range last {
		s, known := a.sign(p, i)
		switch {
		case !known:
			return fact{}, false
		case s > 0:
			return constantFact(between(1, 1)), true
		case s < 0:
			return constantFact(between(0, 0)), true
		}
	}
	return p.args[last], true
}

// tied is 0 if one of its keys is not 0 near the point.
func (a *analysis) tied(p *application) (fact, bool) {
	zeros := 0
	for i := range p.args {
		s, known := a.sign(p, i)
		if known && s != 0 {
			return constantFact(between(0, 0)), true
		}
		if known {
			zeros++
		}
	}
	return constantFact(between(1, 1)), zeros == len(p.args)
}

// order treats Rank and Permutation, which are constant where their first key
// is continuous and does not tie.
func (a *analysis) order(p *application) (fact, bool) {
	c := a.call(p)
	if c == nil || p.args[0].level < Continuous || regularAt(p.n.Op(), c, p.entry) != "" {
		return fact{}, false
	}
	f := constantFact(anything)
	f.in = a.interval(p)
	f.in.Bounded = true
	return f, true
}

// movesByFirst marks the ops that moving treats.
func (op *Op) movesByFirst() bool {
	switch op {
	case opPermute, opUnpermute, opGatherRows, opScatterRows:
		return true
	}
	return false
}

// moving treats ops that move entries to where their first operand tells: linear
// where that is constant. They jump elsewhere.
func (a *analysis) moving(p *application, why string) fact {
	if p.args[0].constant {
		return a.combine(p, LocallyLipschitz, "")
	}
	return a.combine(p, Unproved, why)
}
