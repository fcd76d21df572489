package onnx

// Model is a decoded file.
type Model struct {
	Producer string // of the file, such as "pytorch 1.13.1"; "" if it does not say
	Opset    int    // version of the operator set
	Inputs   []Value
	Outputs  []Value
	Nodes    []Node
	// Initializers are the weights and the constants, in the order of the file.
	Initializers []*Tensor
}

// Value describes an input or an output.
type Value struct {
	Name string
	Type DataType // of the entries; 0 if the file does not say
	// Dims are the extents, -1 where the file has a name, such as "batch", or nothing.
	Dims []int
	// Symbols are those names.
	Symbols []string
	// Ranked says that the file gives extents: none for a scalar.
	Ranked bool
}

// Node is an operator of the graph.
type Node struct {
	Name       string // "" if the file gives none
	Op         string
	Domain     string
	Inputs     []string // names of tensors; "" for an optional one that is left out
	Outputs    []string
	Attributes []Attribute
}

// place names the node in messages.
func (n *Node) place() string {
	if n.Name == "" && len(n.Outputs) > 0 {
		return n.Outputs[0]
	}
	return n.Name
}

// Attribute is a constant of an operator. Kind says which of the fields is set.
type Attribute struct {
	Name   string
	Kind   AttributeKind
	Float  float64
	Int    int64
	Text   string
	Floats []float64
	Ints   []int64
	Tensor *Tensor
}

// AttributeKind is the format's number for a type of attributes.
type AttributeKind int

// The types of attributes that are read. Others, such as graphs, keep their number
// and are refused where an operator has them.
const (
	FloatAttribute  AttributeKind = 1
	IntAttribute    AttributeKind = 2
	TextAttribute   AttributeKind = 3
	TensorAttribute AttributeKind = 4
	FloatsAttribute AttributeKind = 6
	IntsAttribute   AttributeKind = 7
)

var attributeKinds = map[AttributeKind]string{
	FloatAttribute: "a number", IntAttribute: "an integer", TextAttribute: "a text", TensorAttribute: "a tensor",
	5: "a graph", FloatsAttribute: "a list of numbers", IntsAttribute: "a list of integers", 8: "a list of texts",
	9: "a list of tensors", 10: "a list of graphs", 11: "a sparse tensor", 12: "a list of sparse tensors",
}

// String says it in words.
func (k AttributeKind) String() string {
	if s, ok := attributeKinds[k]; ok {
		return s
	}
	return "of an unknown type"
}

// DataType is the format's number for a type of entries.
type DataType int

// The types of entries that are read.
const (
	Float32 DataType = 1
	Int32   DataType = 6
	Int64   DataType = 7
	Bool    DataType = 9
	Float64 DataType = 11
)

var dataTypes = map[DataType]string{
	Float32: "float", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", Int32: "int32", Int64: "int64", 8: "string",
	Bool: "bool", 10: "float16", Float64: "double", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128",
	16: "bfloat16", 17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
}

// String is the format's name of the type.
func (t DataType) String() string {
	if s, ok := dataTypes[t]; ok {
		return s
	}
	return "an unknown type"
}

// isFloat reports whether entries are real numbers.
func (t DataType) isFloat() bool { return t == Float32 || t == Float64 }

// size is the number of bytes of an entry in raw data; 0 for types that are not read.
func (t DataType) size() int {
	switch t {
	case Float32, Int32:
		return 4
	case Int64, Float64:
		return 8
	case Bool:
		return 1
	}
	return 0
}

// Tensor is a constant: Floats if its type is float or double, else Ints, in
// row-major order.
type Tensor struct {
	Name   string
	Type   DataType
	Dims   []int // none for a scalar; an extent may be 0
	Floats []float64
	Ints   []int64
}

// Size is the number of entries.
func (t *Tensor) Size() int {
	size := 1
	for _, d := range t.Dims {
		size *= d
	}
	return size
}
