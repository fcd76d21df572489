"""Writes a PyTorch module as a program that expr.ReadJSON and `experiments explain @FILE` read.

    import json, torch, torch_fx
    json.dump(torch_fx.export(model, torch.zeros(3)), open("model.json", "w"))

The example inputs fix the shapes. Weights become parameters of the program and buffers data, or
both constants with weights="const". Values agree with model.double(). For a function without a rule add a method: the
ops are listed in expr/doc.go, the format is described in expr/json.go.
"""
import functools
import math
import operator
from collections import namedtuple

from torch import fx
from torch.fx.passes.shape_prop import ShapeProp

Tensor = namedtuple("Tensor", "name shape")
SAME = {name: name for name in "relu abs neg exp log sqrt tanh sigmoid sin cos erf add sub mul div".split()}
SAME.update(truediv="div", maximum="max", minimum="min")


class Rules:
    """Nodes so far, and a method for each function of PyTorch, with its arguments."""

    def __init__(self):
        self.inputs, self.nodes, self.out = [], [], None  # out: shape of the function's result

    def emit(self, op, *args, shape=None, **fields):
        args = [a.name if isinstance(a, Tensor) else a for a in args]
        self.nodes.append({"name": f"{op}#{len(self.nodes)}", "op": op, "args": args, **fields})
        return Tensor(self.nodes[-1]["name"], self.out if shape is None else shape)

    def leaf(self, name, tensor, role):
        shape = list(tensor.shape)
        if role == "const":
            exact = lambda v: v if abs(v) < 1024 and (1024 * v).is_integer() else v.hex()  # short decimals are exact
            values = [exact(v) for v in tensor.double().flatten().tolist()]
            self.nodes.append({"name": name, "op": "const", "shape": shape, "values": values})
        else:
            self.inputs.append({"name": name, "shape": shape, "role": role})
        return Tensor(name, shape)

    def shaped(self, x, shape):
        return x if x.shape == shape else self.emit("reshape", x, attrs=[len(x.shape), *shape], shape=shape)

    def reshape(self, x, *_, **__):
        return self.shaped(x, self.out)

    view = flatten = squeeze = unsqueeze = reshape

    def matmul(self, a, b, transposed=0):
        if len(b.shape) == 1:
            return self.emit("dot", a, b) if len(a.shape) == 1 else self.emit("matvec", a, b, attrs=[0])
        if len(a.shape) == 1:
            return self.emit("matvec", b, a, attrs=[1 - transposed])
        return self.emit("matmul", a, b, attrs=[0, transposed])

    def linear(self, x, weight, bias=None):
        y = self.matmul(x, weight, transposed=1)
        return y if bias is None else self.emit("add", y, bias)

    def sum(self, x, dim=None, keepdim=False, op="sum"):
        rank = len(x.shape)
        dims = range(rank) if dim is None else {d % rank for d in ([dim] if isinstance(dim, int) else dim)}
        kept = [1 if i in dims else d for i, d in enumerate(x.shape)]
        return self.shaped(self.emit(op, x, attrs=[rank, *kept], shape=kept), self.out)

    def mean(self, x, dim=None, keepdim=False):
        return self.sum(x, dim, op="mean")

    def amax(self, x, dim=(), keepdim=False, op="amax"):
        if dim == ():
            x = self.shaped(x, [math.prod(x.shape)])
        elif dim not in (-1, len(x.shape) - 1):
            raise NotImplementedError(f"{op} over axis {dim}: transpose it to the end")
        return self.shaped(self.emit(op, x, shape=x.shape[:-1]), self.out)

    def amin(self, x, dim=(), keepdim=False):
        return self.amax(x, dim, op="amin")

    def max(self, x, y=None):
        return self.amax(x) if y is None else self.emit("max", x, y)

    def min(self, x, y=None):
        return self.amin(x) if y is None else self.emit("min", x, y)

    def sort(self, x):
        return self.emit("sort", x, shape=x.shape), None  # the second result, positions, has no derivative

    def getitem(self, x, i):
        return x[i] if type(x) is tuple else self.emit("index", x, attrs=[len(x.shape), i % x.shape[0]])


class Tracer(fx.Tracer):
    def is_leaf_module(self, module, name):  # look into nn.Linear and the like, down to functions
        return False


def export(model, *example, weights="parameter"):
    traced = fx.GraphModule(model, Tracer().trace(model.eval()))
    ShapeProp(traced).propagate(*example)
    rules, done = Rules(), {}
    learned = dict(model.named_parameters())
    role = lambda name: weights if name in learned or weights == "const" else "datum"
    weight = functools.cache(lambda name: rules.leaf(name, operator.attrgetter(name)(traced), role(name)))
    for node in traced.graph.nodes:
        shape = getattr(node.meta.get("tensor_meta"), "shape", None)
        rules.out = None if shape is None else list(shape)
        if node.op == "placeholder":
            done[node] = rules.leaf(node.target, node.meta["tensor_meta"], "variable")
        elif node.op == "get_attr":
            done[node] = weight(node.target)
        elif node.op == "output":
            outputs = fx.node.map_arg(node.args[0], lambda n: done[n].name)
        else:
            args, kwargs = fx.node.map_arg((node.args, dict(node.kwargs)), lambda n: done[n])
            name = getattr(node.target, "__name__", node.target).strip("_")
            if name not in SAME and not hasattr(Rules, name):
                raise NotImplementedError(f"torch_fx.py has no rule for {node.format_node()}")
            done[node] = rules.emit(SAME[name], *args) if name in SAME else getattr(rules, name)(*args, **kwargs)
    return {"schema": 1, "inputs": rules.inputs, "nodes": rules.nodes,
            "outputs": [outputs] if isinstance(outputs, str) else list(outputs)}
