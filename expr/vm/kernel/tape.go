package kernel

import (
	"math"
	"unsafe"
)

// Code is an operation on single entries: long programs of scalars and their derivatives consist mostly of these.
type Code uint8

// The codes, for operands x, y and z.
const (
	NoCode        Code = iota
	CodeAdd            // x + y
	CodeSub            // x − y
	CodeMul            // x·y
	CodeDiv            // x/y
	CodeNeg            // −x
	CodeAffine         // a·x + b for a pair of constants, in float64, the product rounded before the sum
	CodeAbs            // |x|
	CodeReLU           // 0 where x < 0, else x
	CodeGate           // x·y, and 0 where x = 0
	CodeStep           // 1 where x > 0, 0 where x < 0, else y; a NaN x is a fault
	CodeMax            // the larger of x and y, as the built-in function
	CodeMin            // the smaller
	CodeGateStep       // CodeGate of CodeAffine of CodeStep of x and y, and z
	CodeGateAbove      // the same for the constants 1 and 0: the derivative of relu
	CodeGateBelow      // for −1 and 1
	CodeGateSign       // for 2 and −1: the derivative of abs
	CodeGateAdd        // z + CodeGate of x and y
)

// GateStepOf returns the code of CodeGateStep for a pair of constants: CodeGateStep itself if the pair has none.
func GateStepOf(a, b float64) Code {
	switch {
	case a == 1 && b == 0 && !math.Signbit(b):
		return CodeGateAbove
	case a == -1 && b == 1:
		return CodeGateBelow
	case a == 2 && b == -1:
		return CodeGateSign
	}
	return CodeGateStep
}

// GatesStep reports whether a code is CodeGateStep for any constants.
func (c Code) GatesStep() bool { return CodeGateStep <= c && c <= CodeGateSign }

// Entry is an operation of a tape. Values stand in an arena; In and Out are where they begin.
type Entry struct {
	Variant Variant
	Extra   int32 // the number of the pair of constants
	Out     int32
	In      [3]int32
}

// Variant is a code, and which operand, if any is known to be, is the result of the entry before, which a loop still has
// in registers. The operand has its place in In all the same.
type Variant uint8

const heldBit = 6

// Of returns the variant of a code that takes operand k, from 1, from the entry before: none for 0.
func (c Code) Of(k int) Variant { return Variant(c) | Variant(k)<<heldBit }

// Code returns the code.
func (v Variant) Code() Code { return Code(v & (1<<heldBit - 1)) }

// Held returns the operand, from 1, that is the result of the entry before, 0 for none.
func (v Variant) Held() int { return int(v >> heldBit) }

// Wide is how many entries of T a wide value of a tape has: 128 bytes.
func Wide[T Real]() int { return 128 / int(unsafe.Sizeof(T(0))) }

// Tape runs entries of a tape until one that has no code or whose switch is NaN, and returns how many it has run, each
// with the bits of the kernel of that operation. All values must lie in the arena: it does not look.
type Tape[T Real] func(tape []Entry, arena []T, pairs [][2]float64) (done int)

// TapeOfOne returns what runs a tape whose values have one entry each.
func TapeOfOne[T Real]() Tape[T] { return linearOf[T](chosen).ones() }

// TapeOfWide returns what runs a tape whose values have Wide entries each. Without HasTape it runs none.
func TapeOfWide[T Real]() Tape[T] { return linearOf[T](chosen).tape.run }

// HasTape reports whether the path has a loop for wide values.
func HasTape() bool { return chosen.l64.tape != nil }

func (l *linear[T]) ones() Tape[T] {
	if l.tapeOfOne == nil {
		return runOnes[T]
	}
	return l.tapeOfOne.run
}

// tapeLoop is the loop of a Tape in assembly.
type tapeLoop[T Real] func(entries *uint8, bytes int, arena *T, pairs *float64) (done int)

// stretch is how many entries run at a time: nothing stops assembly, and the garbage collector would wait.
const stretch = 1 << 15

func (loop tapeLoop[T]) run(tape []Entry, arena []T, pairs [][2]float64) (done int) {
	const size = int(unsafe.Sizeof(Entry{}))
	for loop != nil && done < len(tape) {
		n := min(stretch, len(tape)-done)
		ran := loop((*uint8)(&tape[done].Variant), n*size, unsafe.SliceData(arena), (*float64)(unsafe.Pointer(unsafe.SliceData(pairs)))) / size
		if done += ran; ran < n {
			break
		}
	}
	return done
}

// runOnes is a Tape in Go for values of one entry.
func runOnes[T Real](tape []Entry, arena []T, pairs [][2]float64) (done int) {
	for i := range tape {
		s := &tape[i]
		x, y := arena[s.In[0]], arena[s.In[1]]
		switch s.Variant.Code() {
		case CodeAdd:
			x += y
		case CodeSub:
			x -= y
		case CodeMul:
			x *= y
		case CodeDiv:
			x /= y
		case CodeNeg:
			x = -x
		case CodeAffine:
			c := &pairs[s.Extra]
			x = affineOne(x, c[0], c[1])
		case CodeAbs:
			x = T(math.Abs(float64(x)))
		case CodeReLU:
			x = reluOne(x)
		case CodeGate:
			x = gateOne(x, y)
		case CodeStep:
			if x != x {
				return i
			}
			x = stepOne(x, y)
		case CodeMax:
			x = max(x, y)
		case CodeMin:
			x = min(x, y)
		case CodeGateStep, CodeGateAbove, CodeGateBelow, CodeGateSign:
			if x != x {
				return i
			}
			c := &pairs[s.Extra]
			x = gateOne(affineOne(stepOne(x, y), c[0], c[1]), arena[s.In[2]])
		case CodeGateAdd:
			x = arena[s.In[2]] + gateOne(x, y)
		default:
			return i
		}
		arena[s.Out] = x
	}
	return len(tape)
}
