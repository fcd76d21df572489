package main

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine writes instructions for vectors of one width and one precision, so that a kernel
// is written once for all four.
type machine struct {
	*build.Context
	bits      int // 256 for AVX2 with FMA, 512 for AVX-512 F, DQ, VL and BW, and 128 of AVX2 for single entries
	size      int // bytes of an entry
	constants map[string]operand.Mem
	labels    int
	fields    *[]field
	known     coefficients
}

// field is an entry of the tables of kernels.
type field struct {
	name, function string
	bits, size     int
	value          string // of the entry, in Go
}

// machines are the widths and precisions, in the order of the files.
func machines(c *build.Context, fields *[]field, known coefficients) (out []*machine) {
	shared := map[string]operand.Mem{}
	for _, bits := range []int{256, 512} {
		for _, size := range []int{8, 4} {
			out = append(out, &machine{Context: c, bits: bits, size: size, constants: shared, fields: fields, known: known})
		}
	}
	return out
}

// lanes is the number of entries of a vector.
func (m *machine) lanes() int { return m.bits / 8 / m.size }

// element is the Go type of an entry.
func (m *machine) element() string {
	if m.size == 4 {
		return "float32"
	}
	return "float64"
}

// function begins the kernel of a field of Vectors, or of linear if the name is not exported; precision and width
// are in that of the function, as in add64AVX2.
func (m *machine) function(name, params string) {
	f := field{name: name, function: m.nameOf(name), bits: m.bits, size: m.size}
	f.value = f.function
	*m.fields = append(*m.fields, f)
	m.Function(f.function)
	m.Attributes(attr.NOSPLIT)
	m.SignatureExpr("func" + params)
	m.Pragma("noescape")
}

func (m *machine) nameOf(field string) string {
	return fmt.Sprintf("%s%s%d%s", strings.ToLower(field[:1]), field[1:], 8*m.size, extension[m.bits])
}

// extension is the set of instructions of a width.
var extension = map[int]string{128: "AVX2", 256: "AVX2", 512: "AVX512"}

// label makes names that are unique within the file.
func (m *machine) label(name string) string {
	m.labels++
	return fmt.Sprintf("%s%d", name, m.labels)
}

// do emits an instruction whose name lacks only the suffix of the precision.
func (m *machine) do(name string, ops ...operand.Op) {
	suffix := "PD"
	if m.size == 4 {
		suffix = "PS"
	}
	m.emit(name+suffix, ops...)
}

// masked is do for instructions that zero the lanes outside of a mask.
func (m *machine) masked(name string, ops ...operand.Op) {
	suffix := "PD_Z"
	if m.size == 4 {
		suffix = "PS_Z"
	}
	m.emit(name+suffix, ops...)
}

// emit calls the method of the context that emits an instruction.
func (m *machine) emit(name string, ops ...operand.Op) {
	method := reflect.ValueOf(m.Context).MethodByName(name)
	if !method.IsValid() {
		panic("no instruction " + name)
	}
	in := make([]reflect.Value, len(ops))
	for i, op := range ops {
		in[i] = reflect.ValueOf(op)
	}
	method.Call(in)
}

// vector returns a new register.
func (m *machine) vector() reg.VecVirtual {
	switch m.bits {
	case 512:
		return m.ZMM()
	case 128:
		return m.XMM()
	}
	return m.YMM()
}

// sized is a register as wide as a vector.
func (m *machine) sized(v reg.Vec) reg.Register {
	switch m.bits {
	case 512:
		return v.AsZ()
	case 128:
		return v.AsX()
	}
	return v.AsY()
}

// apply is an instruction on vectors with a new register for the result.
func (m *machine) apply(name string, ops ...operand.Op) operand.Op {
	out := m.vector()
	m.do(name, append(ops, out)...)
	return out
}

// The arithmetic of entries. Go's assembly has operands in reverse: VSUBPD b, a is a − b.
func (m *machine) add(a, b operand.Op) operand.Op { return m.apply("VADD", b, a) }
func (m *machine) sub(a, b operand.Op) operand.Op { return m.apply("VSUB", b, a) }
func (m *machine) mul(a, b operand.Op) operand.Op { return m.apply("VMUL", b, a) }
func (m *machine) div(a, b operand.Op) operand.Op { return m.apply("VDIV", b, a) }
func (m *machine) and(a, b operand.Op) operand.Op { return m.apply("VAND", b, a) }
func (m *machine) or(a, b operand.Op) operand.Op  { return m.apply("VOR", b, a) }
func (m *machine) xor(a, b operand.Op) operand.Op { return m.apply("VXOR", b, a) }
func (m *machine) sqrt(a operand.Op) operand.Op   { return m.apply("VSQRT", a) }

// larger is b where a or b is NaN, and where both are zeros.
func (m *machine) larger(a, b operand.Op) operand.Op  { return m.apply("VMAX", b, a) }
func (m *machine) smaller(a, b operand.Op) operand.Op { return m.apply("VMIN", b, a) }

// fma returns a·b + c, rounded once, fnma c − a·b and fms a·b − c. One of a and b may be in memory, and c too.
func (m *machine) fma(a, b, c operand.Op) operand.Op  { return m.accumulate("VFMADD231", a, b, c) }
func (m *machine) fnma(a, b, c operand.Op) operand.Op { return m.accumulate("VFNMADD231", a, b, c) }
func (m *machine) fms(a, b, c operand.Op) operand.Op  { return m.accumulate("VFMSUB231", a, b, c) }

func (m *machine) accumulate(name string, a, b, c operand.Op) operand.Op {
	if _, ok := a.(operand.Mem); ok {
		a, b = b, a
	}
	out := m.vector()
	m.do("VMOVU", c, out)
	m.do(name, b, a, out)
	return out
}

// predicates of comparisons; those with NaN are false, but for unequal, those that say unordered, and negations.
type predicate uint8

const (
	equal     predicate = 0
	below     predicate = 1 // less, as ordered numbers
	atMost    predicate = 2
	unordered predicate = 3
	unequal   predicate = 4
	notBelow  predicate = 5
	notAbove  predicate = 10
	atLeast   predicate = 13
	above     predicate = 14

	equalOrUnordered predicate = 8
)

// compare returns a mask: a mask register, or a vector of ones and zeros.
func (m *machine) compare(a operand.Op, p predicate, b operand.Op) operand.Op {
	var out operand.Op = m.vector()
	if m.bits == 512 {
		out = m.K()
	}
	m.do("VCMP", operand.U8(p), b, a, out)
	return out
}

// pick takes entries of yes where the mask says so, and of no elsewhere.
func (m *machine) pick(mask, yes, no operand.Op) operand.Op {
	if m.bits == 512 {
		return m.apply("VBLENDM", yes, no, mask)
	}
	return m.apply("VBLENDV", mask, yes, no)
}

// keep takes entries of x where the mask says so, and 0 elsewhere.
func (m *machine) keep(mask, x operand.Op) operand.Op {
	if m.bits < 512 {
		return m.and(mask, x)
	}
	out := m.vector()
	m.masked("VMOVU", x, mask, out)
	return out
}

// zero returns a vector of zeros.
func (m *machine) zero() operand.Op {
	z := m.vector()
	m.do("VXOR", z, z, z)
	return z
}

// number returns a vector of equal numbers in memory.
func (m *machine) number(x float64) operand.Mem {
	if m.size == 4 {
		return m.pattern(uint64(math.Float32bits(float32(x))))
	}
	return m.pattern(math.Float64bits(x))
}

// pattern is number for the bits of an entry.
func (m *machine) pattern(bits uint64) operand.Mem {
	name := fmt.Sprintf("c%d_%x", 8*m.size, bits)
	if mem, ok := m.constants[name]; ok {
		return mem
	}
	mem := m.StaticGlobal(name)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := 0; i < 32; i += m.size { // wider vectors spread it, see spreadConstants
		if m.size == 4 {
			m.AddDatum(i, operand.U32(bits))
		} else {
			m.AddDatum(i, operand.U64(bits))
		}
	}
	m.constants[name] = mem
	return mem
}

// signs is the sign bit of each entry.
func (m *machine) signs() operand.Mem { return m.pattern(1 << (8*m.size - 1)) }

// magnitudes is all bits but the sign.
func (m *machine) magnitudes() operand.Mem { return m.pattern(1<<(8*m.size-1) - 1) }

// broadcast fills a vector with an argument of the function, a number of so many bytes.
func (m *machine) broadcast(name string, size int) operand.Op {
	p, err := m.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	of := *m
	of.size = size
	return of.filled(p.Addr)
}

// filled returns a vector whose lanes all have the number at an address.
func (m *machine) filled(from operand.Mem) operand.Op {
	out := m.vector()
	switch {
	case m.size == 4:
		m.VBROADCASTSS(from, out)
	case m.bits == 128:
		m.VMOVDDUP(from, out)
	default:
		m.VBROADCASTSD(from, out)
	}
	return out
}

// give stores the first entry of a register as a result.
func (m *machine) give(x operand.Op, index int) {
	p, err := m.ReturnIndex(index).Resolve()
	if err != nil {
		panic(err)
	}
	if m.size == 4 {
		m.VMOVSS(x, p.Addr)
	} else {
		m.VMOVSD(x, p.Addr)
	}
}

// double computes in float64 what is rounded to float32 once: the body gets each half of a vector of float32
// as a whole one of float64, or the vector itself if it is one.
func (m *machine) double(x operand.Op, body func(d *machine, x operand.Op) operand.Op) operand.Op {
	if m.size == 8 {
		return body(m, x)
	}
	d := m.doubled()
	if m.bits == 128 {
		wide, narrow := d.vector(), m.vector()
		m.VCVTPS2PD(x, wide)
		m.VCVTPD2PSY(body(d, wide), narrow)
		return narrow
	}
	v := x.(reg.Vec)
	var halves [2]operand.Op
	for i := range halves {
		wide, from := m.vector(), m.half(v, i)
		m.VCVTPS2PD(from, wide)
		y := body(d, wide)
		if m.bits == 512 {
			narrow := m.YMM()
			m.VCVTPD2PS(y, narrow)
			halves[i] = narrow
		} else {
			narrow := m.XMM()
			m.VCVTPD2PSY(y, narrow)
			halves[i] = narrow
		}
	}
	out := m.vector()
	if m.bits == 512 {
		m.VINSERTF64X4(operand.U8(1), halves[1], halves[0].(reg.VecVirtual).AsZ(), out)
	} else {
		m.VINSERTF128(operand.U8(1), halves[1], halves[0].(reg.VecVirtual).AsY(), out)
	}
	return out
}

// doubled is the machine that computes in float64 what double hands to its body.
func (m *machine) doubled() *machine {
	d := *m
	if d.size = 8; m.size == 4 && m.bits == 128 {
		d.bits = 256
	}
	return &d
}

// half returns the lower or the upper half of a vector.
func (m *machine) half(v reg.Vec, i int) operand.Op {
	switch {
	case i == 0 && m.bits == 512:
		return v.AsY()
	case i == 0:
		return v.AsX()
	case m.bits == 512:
		upper := m.YMM()
		m.VEXTRACTF64X4(operand.U8(1), v.AsZ(), upper)
		return upper
	}
	upper := m.XMM()
	m.VEXTRACTF128(operand.U8(1), v.AsY(), upper)
	return upper
}
