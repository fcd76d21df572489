"""Writes a PyTorch module as a program that expr.ReadJSON and `experiments explain @FILE` read.

    json.dump(torch_fx.export(model, torch.zeros(3)), open("model.json", "w"))

The module is traced down to the functions of ATen; the example inputs fix the shapes. Weights become parameters and
buffers data, or both constants with weights="const". Values agree with model.double(). To add a function add it to a
table, or a rule of its own: expr/doc.go lists the ops, expr/json.go the format.
"""
import inspect

from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.utils.stateless import functional_call

SAME = {op: op for op in "relu abs neg exp log sqrt tanh sigmoid sin cos erf add sub mul div sort dot".split()}
SAME.update(maximum="max", minimum="min", mm="matmul", mv="matvec", t="transpose")
REDUCE = {"sum": "sum", "mean": "mean", "amax": "amax", "amin": "amin", "max": "amax", "min": "amin"}
RESHAPE = "view _unsafe_view _reshape_alias unsqueeze squeeze squeeze_".split()
PAIRS = [("sort",), ("getitem", 0)]  # values and their positions; the values of these
KINDS = ["", "default", "Tensor", "int", "dim", "dim_IntList"]  # others mean something else


def export(model, *example, weights="parameter"):
    learned, buffers = dict(model.eval().named_parameters()), dict(model.named_buffers())
    traced = make_fx(lambda x, w: functional_call(model, w, x))(example, {**learned, **buffers})
    traced.graph.eliminate_dead_code()
    leaves = [*zip(inspect.signature(model.forward).parameters, example), *learned.items(), *buffers.items()]
    role = {**dict.fromkeys(learned, weights), **dict.fromkeys(buffers, weights.replace("parameter", "datum"))}
    inputs, nodes, names = [], [], {}  # names by node of the trace

    def emit(op, *args, **attrs):
        nodes.append({"name": f"{op}#{len(nodes)}", "op": op, "args": args, **attrs})
        return nodes[-1]["name"]

    # The rules. Each takes the shapes of the first operand and of the result, then the arguments.
    def reshape(shape, out, x, *_):
        return x if shape == out else emit("reshape", x, attrs=[len(shape), *out])

    def reduce(op, shape, out, x, dims=(), keepdim=False):
        dims = [d % len(shape) for d in dims or range(len(shape))]
        if op in ("sum", "mean"):
            kept = [1 if i in dims else d for i, d in enumerate(shape)]
            return reshape(kept, out, emit(op, x, attrs=[len(kept), *kept]))
        if dims != [len(shape) - 1]:
            raise NotImplementedError(f"{op} over axes {dims}: only over the last one; flatten or transpose before")
        return reshape(shape[:-1], out, emit(op, x))

    rules = {name: lambda shape, out, *x, op=op: emit(op, *x) for name, op in SAME.items()}
    rules.update({n: lambda *x, op=op: reduce(op, *x) for n, op in REDUCE.items()}, **dict.fromkeys(RESHAPE, reshape))
    rules.update(addmm=lambda _, out, b, x, w: emit("add", emit("matmul", x, w), b), getitem=lambda _, out, x, i: x)
    rules.update(select=lambda shape, out, x, d, i: emit("index", x, attrs=[len(shape) - d % len(shape), i % shape[d]]))
    for node in traced.graph.nodes:
        name, _, kind = getattr(node.target, "__name__", node.op).partition(".")
        args = [names[a] if a in node.all_input_nodes else a for a in node.args]
        shapes = [list(n.meta["tensor_meta"].shape) for n in (*node.all_input_nodes[:1], node) if n.meta]
        if node.op == "placeholder":
            names[node], tensor = leaves.pop(0)
            leaf = {"name": names[node], "shape": shapes[0], "role": role.get(names[node], "variable")}
            if leaf["role"] == "const":
                exact = lambda v: v if abs(v) < 1024 and (1024 * v).is_integer() else v.hex()  # short decimals
                leaf.update(op=leaf.pop("role"), values=[exact(v) for v in tensor.double().flatten().tolist()])
            (nodes if "op" in leaf else inputs).append(leaf)
        elif node.op == "output":
            return {"schema": 1, "inputs": inputs, "nodes": nodes, "outputs": [names[n] for n in node.args[0]]}
        elif name not in rules or kind not in KINDS or node.kwargs or len(shapes) < 2 and (name, *node.args[1:]) not in PAIRS:
            raise NotImplementedError(f"torch_fx.py has no rule for {node.format_node()}")
        else:
            names[node] = rules[name](*(shapes + [None])[:2], *args)
