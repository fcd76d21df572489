"""Writes a PyTorch module as a program that expr.ReadJSON and `experiments explain @FILE` read.

    import json, torch, torch_fx
    json.dump(torch_fx.export(model, torch.zeros(3)), open("model.json", "w"))

The example inputs fix the shapes. Weights become parameters of the program and buffers data, or both constants with
weights="const". Values agree with model.double(). To add a function extend Program.call: the ops are listed in
expr/doc.go, the format is described in expr/json.go.
"""
import math
from collections import namedtuple

from torch import fx
from torch.fx.passes.shape_prop import ShapeProp

Value = namedtuple("Value", "name shape")
SAME = {name: name for name in "relu abs neg exp log sqrt tanh sigmoid sin cos erf add sub mul div max min".split()}
SAME.update(truediv="div", maximum="max", minimum="min")
REDUCE = {"sum": "sum", "mean": "mean", "amax": "amax", "amin": "amin", "max": "amax", "min": "amin"}


class Tracer(fx.Tracer):
    def is_leaf_module(self, module, name):  # look into nn.Linear and the like, down to functions
        return False


class Program:
    def __init__(self):
        self.inputs, self.nodes = [], []

    def leaf(self, name, tensor, role):
        shape = list(tensor.shape)
        if role == "const":
            exact = lambda v: v if abs(v) < 1024 and (1024 * v).is_integer() else v.hex()  # short decimals are exact
            values = [exact(v) for v in tensor.double().flatten().tolist()]
            self.nodes.append({"name": name, "op": "const", "shape": shape, "values": values})
        else:
            self.inputs.append({"name": name, "shape": shape, "role": role})
        return Value(name, shape)

    def emit(self, op, args, shape, **attrs):
        name = f"{op}#{len(self.nodes)}"
        self.nodes.append({"name": name, "op": op, "args": [getattr(a, "name", a) for a in args], **attrs})
        return Value(name, shape)

    def reshape(self, x, shape):
        return x if x.shape == shape else self.emit("reshape", [x], shape, attrs=[len(x.shape), *shape])

    def matmul(self, shape, a, b, transposed=0):
        if len(b.shape) > 1 and len(a.shape) > 1:
            return self.emit("matmul", [a, b], shape, attrs=[0, transposed])
        if len(b.shape) > 1:
            return self.emit("matvec", [b, a], shape, attrs=[1 - transposed])
        return self.emit("matvec", [a, b], shape, attrs=[0]) if len(a.shape) > 1 else self.emit("dot", [a, b], shape)

    def reduce(self, op, shape, x, dim=None, keepdim=False):
        n = len(x.shape)
        dims = set(range(n)) if dim in (None, ()) else {d % n for d in ([dim] if isinstance(dim, int) else dim)}
        if op in ("sum", "mean"):
            kept = [1 if i in dims else d for i, d in enumerate(x.shape)]
            return self.reshape(self.emit(op, [x], kept, attrs=[n, *kept]), shape)
        if len(dims) == n:
            x = self.reshape(x, [math.prod(x.shape)])
        elif dims != {n - 1}:
            raise NotImplementedError(f"{op} over axis {dim}: transpose it to the end")
        return self.reshape(self.emit(op, [x], x.shape[:-1]), shape)

    def call(self, name, shape, x, *args, **options):
        plain = not any(v for k, v in options.items() if k != "inplace")  # no alpha, not descending
        if name in REDUCE and not (args and type(args[0]) is Value):
            return self.reduce(REDUCE[name], shape, x, *args, **options)
        if name in SAME and plain:
            return self.emit(SAME[name], [x, *args], shape)
        if name == "sort" and plain and (*args, -1)[0] in (-1, len(shape) - 1):
            return self.emit("sort", [x], shape)
        if name == "matmul":
            return self.matmul(shape, x, *args)
        if name == "linear":
            bias = options.get("bias") or (*args, None)[1]
            y = self.matmul(shape, x, args[0], transposed=1)
            return self.emit("add", [y, bias], shape) if bias else y
        if name in ("reshape", "view", "flatten", "squeeze", "unsqueeze"):
            return self.reshape(x, shape)
        if name == "getitem" and type(x) is tuple:
            return x[args[0]]
        if name == "getitem" and type(args[0]) is int:
            return self.emit("index", [x], shape, attrs=[len(x.shape), args[0] % x.shape[0]])


def export(model, *example, weights="parameter"):
    traced = fx.GraphModule(model, Tracer().trace(model.eval()))
    ShapeProp(traced).propagate(*example)
    program, value = Program(), {}
    tensors, learned = {**dict(traced.named_buffers()), **dict(traced.named_parameters())}, dict(traced.named_parameters())
    for node in traced.graph.nodes:
        args, options = fx.node.map_arg((node.args, dict(node.kwargs)), value.get)
        meta = node.meta.get("tensor_meta")
        if node.op == "placeholder":
            value[node] = program.leaf(node.target, meta, "variable")
        elif node.op == "get_attr":
            role = weights if weights == "const" or node.target in learned else "datum"
            value[node] = value.get(node.target) or program.leaf(node.target, tensors[node.target], role)
            value[node.target] = value[node]
        elif node.op == "output":
            outputs = args[0] if type(args[0]) in (tuple, list) else args
        else:
            pair = type(meta) is tuple  # values and their positions, which have no derivative
            name = getattr(node.target, "__name__", node.target)
            y = program.call(name.strip("_"), list((meta[0] if pair else meta).shape), *args, **options)
            in_place = name[-1] == "_" != name[0] or options.get("inplace")  # which others must not see
            if y is None or in_place and len(node.args[0].users) > 1:
                raise NotImplementedError(f"torch_fx.py has no rule for {node.format_node()}")
            value[node] = (y, None) if pair else y
    return {"schema": 1, "inputs": program.inputs, "nodes": program.nodes, "outputs": [y.name for y in outputs]}
