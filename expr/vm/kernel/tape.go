package kernel

import "unsafe"

// Code is an operation on single entries: long programs of scalars and their derivatives consist mostly of these.
type Code int32

// The codes, for operands x, y and z.
const (
	NoCode       Code = iota
	CodeAdd           // x + y
	CodeSub           // x − y
	CodeMul           // x·y
	CodeDiv           // x/y
	CodeNeg           // −x
	CodeAffine        // a·x + b for a pair of constants, in float64, the product rounded before the sum
	CodeAbs           // |x|
	CodeReLU          // 0 where x < 0, else x
	CodeGate          // x·y, and 0 where x = 0
	CodeStep          // 1 where x > 0, 0 where x < 0, else y; a NaN x is a fault
	CodeMax           // the larger of x and y, as the built-in function
	CodeMin           // the smaller
	CodeGateStep      // CodeGate of CodeAffine of CodeStep of x and y, and z
	CodeGateAdd       // z + CodeGate of x and y
)

// Entry is an operation of a tape. Values stand in an arena; In and Out are where they begin.
type Entry struct {
	Code  Code
	Extra int32 // the number of the pair of constants
	Out   int32
	In    [3]int32
}

// Wide is how many entries of T a value has that RunTape computes: 128 bytes.
func Wide[T Real]() int { return 128 / int(unsafe.Sizeof(T(0))) }

// RunTape runs entries of a tape on values of Wide entries each, until one that has no code or whose switch is NaN,
// and returns how many it has run, each with the bits of the kernel of that operation. The path in Go runs none. All
// values must lie in the arena: it does not look.
func RunTape[T Real](tape []Entry, arena []T, pairs [][2]float64) (done int) {
	return runTape(linearOf[T](chosen), tape, arena, pairs)
}

func runTape[T Real](l *linear[T], tape []Entry, arena []T, pairs [][2]float64) (done int) {
	if l.tape == nil || len(tape) == 0 {
		return 0
	}
	return l.tape((*int32)(&tape[0].Code), len(tape), unsafe.SliceData(arena), (*float64)(unsafe.Pointer(unsafe.SliceData(pairs))))
}
