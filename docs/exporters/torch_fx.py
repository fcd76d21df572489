"""Writes a PyTorch module as a program that expr.ReadJSON and `experiments explain @FILE` read.

    json.dump(torch_fx.export(model, torch.zeros(3)), open("model.json", "w"))

The example inputs fix the shapes. Weights become parameters and buffers data, or both constants with weights="const".
Values agree with model.double(). To add a function add a rule: expr/doc.go lists the ops, expr/json.go the format.
"""
from torch import fx
from torch.fx.passes.shape_prop import ShapeProp

SAME = {op: op for op in "relu abs neg exp log sqrt tanh sigmoid sin cos erf add sub mul div".split()}
SAME.update(truediv="div", maximum="max", minimum="min")
REDUCE = {"sum": "sum", "mean": "mean", "amax": "amax", "amin": "amin", "max": "amax", "min": "amin"}


class Tracer(fx.Tracer):
    def is_leaf_module(self, module, name):  # look into nn.Linear and the like, down to functions
        return False


def export(model, *example, weights="parameter"):
    traced = fx.GraphModule(model, Tracer().trace(model.eval()))
    ShapeProp(traced).propagate(*example)
    learned, buffers = dict(traced.named_parameters()), dict(traced.named_buffers())
    inputs, nodes, shape, names = [], [], {}, {}  # shapes by name, names by fx node

    def leaf(name, tensor, role):
        exact = lambda v: v if abs(v) < 1024 and (1024 * v).is_integer() else v.hex()  # short decimals are exact
        if name not in shape and role == "const":
            values = [exact(v) for v in tensor.double().flatten().tolist()]
            nodes.append({"name": name, "op": "const", "shape": list(tensor.shape), "values": values})
        elif name not in shape:
            inputs.append({"name": name, "shape": list(tensor.shape), "role": role})
        shape[name] = list(tensor.shape)
        return name

    def emit(op, out, *args, **attrs):
        nodes.append({"name": f"{op}#{len(nodes)}", "op": op, "args": args, **attrs})
        shape[nodes[-1]["name"]] = out
        return nodes[-1]["name"]

    # The rules. Each takes the result's shape and the call's arguments; options that it does not name are errors.
    def reshape(out, x, *_):
        return x if shape[x] == out else emit("reshape", out, x, attrs=[len(shape[x]), *out])

    def matmul(out, a, b, transposed=0):
        if len(shape[b]) == 1:
            return emit("dot", out, a, b) if len(shape[a]) == 1 else emit("matvec", out, a, b, attrs=[0])
        if len(shape[a]) == 1:
            return emit("matvec", out, b, a, attrs=[1 - transposed])
        return emit("matmul", out, a, b, attrs=[0, transposed])

    def linear(out, x, weight, bias=None):
        y = matmul(out, x, weight, transposed=1)
        return emit("add", out, y, bias) if bias else y

    def reduce(op, out, x, dim=None, keepdim=False):
        n = len(shape[x])
        dims = [d % n for d in (range(n) if dim is None else [dim] if isinstance(dim, int) else dim)]
        if op in ("sum", "mean"):
            kept = [1 if i in dims else d for i, d in enumerate(shape[x])]
            return reshape(out, emit(op, kept, x, attrs=[n, *kept]))
        if dims != [n - 1]:
            raise NotImplementedError(f"{op} over axes {dims}: only over the last one; flatten or transpose before")
        return reshape(out, emit(op, shape[x][:-1], x))

    def getitem(out, x, i):  # of a pair, such as sorted values and their positions, the first
        return x[i] if isinstance(x, list) else emit("index", out, x, attrs=[len(shape[x]), i % shape[x][0]])

    rules = {name: lambda out, *x, op=op: emit(op, out, *x) for name, op in SAME.items()}
    rules.update({name: lambda out, *x, op=op, **dims: reduce(op, out, *x, **dims) for name, op in REDUCE.items()})
    rules.update(matmul=matmul, linear=linear, getitem=getitem, reshape=reshape, view=reshape, flatten=reshape)
    rules.update(sort=lambda out, x: emit("sort", out, x))
    for node in traced.graph.nodes:
        args, options = fx.node.map_arg((node.args, node.kwargs), names.get)
        function, meta = getattr(node.target, "__name__", node.target), node.meta.get("tensor_meta")
        if node.op == "placeholder":
            names[node] = leaf(node.target, meta, "variable")
        elif node.op == "get_attr":
            role = weights if weights == "const" or node.target in learned else "datum"
            names[node] = leaf(node.target, {**learned, **buffers}[node.target], role)
        elif node.op == "output":
            outputs = args[0] if isinstance(args[0], (list, tuple)) else args
        elif function not in rules:
            raise NotImplementedError(f"torch_fx.py has no rule for {node.format_node()}")
        else:
            pair = type(meta) is tuple
            given = {k: v for k, v in options.items() if v is not False}  # not in place, not descending
            y = rules[function](list((meta[0] if pair else meta).shape), *args, **given)
            names[node] = [y] if pair else y
    return {"schema": 1, "inputs": inputs, "nodes": nodes, "outputs": list(outputs)}
