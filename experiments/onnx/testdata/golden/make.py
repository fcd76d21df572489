"""Writes the models of this folder with their inputs and outputs.

Run with python 3.11, Debian's python3-torch 1.13.1 (it calls itself 1.13.0a0) and
numpy 1.24.2:  /usr/bin/python3 make.py

Networks are exported by torch.onnx.export, and their outputs are PyTorch's in float64
of the float32 weights. Operators alone are written by the few lines of protocol
buffers below, so that the onnx package is not needed and versions of the operator set
are free to choose; their outputs are numpy's or PyTorch's.
"""
import json, os, struct
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = {}

# ---- protocol buffers: varints and length-delimited fields


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def num(field, n):
    return varint(field << 3) + varint(n)


def blob(field, b):
    b = b.encode() if isinstance(b, str) else b
    return varint(field << 3 | 2) + varint(len(b)) + b


TYPES = {"float32": 1, "int32": 6, "int64": 7, "bool": 9, "float64": 11}


def tensor(name, a, typed=False):
    a = np.asarray(a)
    out = b"".join(num(1, d) for d in a.shape) + num(2, TYPES[a.dtype.name]) + blob(8, name)
    flat = a.ravel()
    if not typed:
        return out + blob(9, a.astype(a.dtype.newbyteorder("<")).tobytes())
    if a.dtype == np.float32:
        return out + blob(4, struct.pack("<%df" % a.size, *flat))
    if a.dtype == np.float64:
        return out + blob(10, struct.pack("<%dd" % a.size, *flat))
    return out + blob(7 if a.dtype == np.int64 else 5, b"".join(varint(int(v)) for v in flat))


def attribute(name, v):
    out = blob(1, name)
    if isinstance(v, float):
        return out + varint(2 << 3 | 5) + struct.pack("<f", v) + num(20, 1)
    if isinstance(v, int):
        return out + num(3, v) + num(20, 2)
    if isinstance(v, str):
        return out + blob(4, v) + num(20, 3)
    if isinstance(v, np.ndarray):
        return out + blob(5, tensor("", v)) + num(20, 4)
    return out + b"".join(num(8, i) for i in v) + num(20, 7)


def info(name, dims, kind=1):
    shape = b"".join(blob(1, blob(2, d) if isinstance(d, str) else num(1, d)) for d in dims)
    return blob(1, name) + blob(2, blob(1, num(1, kind) + blob(2, shape)))


def node(op, ins, outs, attrs):
    return (b"".join(blob(1, i) for i in ins) + b"".join(blob(2, o) for o in outs) + blob(3, op.lower())
            + blob(4, op) + b"".join(blob(5, attribute(k, v)) for k, v in attrs.items()))


def model(opset, nodes, inputs, weights, outputs=("y",), typed=False, extra=b""):
    g = b"".join(blob(1, node(*n)) for n in nodes) + blob(2, "g")
    g += b"".join(blob(5, tensor(k, v, typed)) for k, v in weights.items())
    g += b"".join(blob(11, info(k, v)) for k, v in inputs.items())
    g += b"".join(blob(12, info(k, [])) for k in outputs)
    return num(1, 7) + blob(2, "make.py") + blob(7, g + extra) + blob(8, blob(1, "") + num(2, opset))


def listed(a):
    a = np.asarray(a, dtype=np.float64)
    return {"dims": list(a.shape), "values": [float(v) for v in a.ravel()]}


def save(name, data, inputs, outputs):
    assert name not in CASES, name
    with open(os.path.join(HERE, name + ".onnx"), "wb") as f:
        f.write(data)
    CASES[name] = {"inputs": {k: listed(v) for k, v in inputs.items()}, "outputs": [listed(o) for o in outputs]}


# ---- operators alone

rng = np.random.default_rng(7)


def draw(*dims):
    return rng.integers(-16, 17, dims).astype(np.float32) / 8


def one(name, op, opset, x, y, attrs={}, weights={}, extra_inputs=(), typed=False):
    """One operator; x is an array or a list of them, weights follow in order."""
    xs = x if isinstance(x, list) else [x]
    ins = {"x%d" % i: v for i, v in enumerate(xs)}
    names = list(ins) + list(weights)
    for at, k in extra_inputs:  # names at given places, "" for one left out
        names.insert(at, k)
    data = model(opset, [(op, names, ["y"], attrs)], {k: v.shape for k, v in ins.items()}, weights, typed=typed)
    save(name, data, ins, [y])


def t(a):
    return torch.from_numpy(np.asarray(a, dtype=np.float64))


def operators():
    x, z = draw(2, 3, 4), draw(3, 1)
    for op, f in {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Max": np.maximum, "Min": np.minimum}.items():
        one(op.lower(), op, 13, [x, z], f(x.astype(float), z))
    one("div", "Div", 7, [x, np.abs(z) + 1], x / (np.abs(z) + 1).astype(float))
    one("max3", "Max", 8, [x, z, draw(4) * 0 + 0.5], np.maximum(np.maximum(x, z), 0.5))
    one("min1", "Min", 13, x, x)
    for op, f in {"Neg": np.negative, "Abs": np.abs, "Exp": np.exp, "Tanh": np.tanh}.items():
        one(op.lower(), op, 13, x, f(x.astype(float)))
    one("sigmoid", "Sigmoid", 6 + 1, x, torch.sigmoid(t(x)))
    one("softplus", "Softplus", 13, x, F.softplus(t(x)))
    one("log", "Log", 13, np.abs(x) + 1, np.log(np.abs(x.astype(float)) + 1))
    one("sqrt", "Sqrt", 13, np.abs(x) + 1, np.sqrt(np.abs(x.astype(float)) + 1))
    one("relu", "Relu", 14, x, np.maximum(x, 0))
    one("leakyrelu", "LeakyRelu", 16, x, np.where(x < 0, x * float(np.float32(0.2)), x), {"alpha": 0.2})
    one("leakyrelu_default", "LeakyRelu", 7, x, np.where(x < 0, x * 0.01, x))
    one("elu", "Elu", 7, x, F.elu(t(x), 0.5), {"alpha": 0.5})
    one("clip_old", "Clip", 9, x, np.clip(x, -0.5, 1), {"min": -0.5, "max": 1.0})
    one("clip_old_min", "Clip", 7, x, np.maximum(x, -0.5), {"min": -0.5})
    f = np.float32
    one("clip_new", "Clip", 13, x, np.clip(x, -0.5, 1), {}, {"lo": f(-0.5), "hi": f(1)})
    one("clip_new_max", "Clip", 11, x, np.minimum(x, 1), {}, {"hi": f(1)}, extra_inputs=[(1, "")])
    a, b = draw(3, 4), draw(4, 2)
    one("matmul", "MatMul", 13, a, a.astype(float) @ b, {}, {"w": b})
    one("matmul_row", "MatMul", 9, a[:1], a[:1].astype(float) @ b, {}, {"w": b}, typed=True)
    q, r = draw(2, 1, 3, 4), draw(3, 4, 2)
    one("matmul_batch", "MatMul", 13, [q, r], q.astype(float) @ r)
    one("matmul_vector", "MatMul", 13, a[0], a[0].astype(float) @ b, {}, {"w": b.astype(np.float64)}, typed=True)
    c = draw(2)
    one("gemm", "Gemm", 7, a, 0.5 * (a.astype(float) @ b) + 2 * c, {"alpha": 0.5, "beta": 2.0}, {"b": b, "c": c})
    one("gemm_transposed", "Gemm", 13, a, a.T.astype(float) @ draw_t.T, {"transA": 1, "transB": 1}, {"b": draw_t})
    one("gemm_row", "Gemm", 13, a[:1], a[:1].astype(float) @ b + c, {"transB": 1}, {"b": b.T.copy(), "c": c})
    one("flatten", "Flatten", 9, x, x.reshape(2, 12))
    one("flatten0", "Flatten", 13, x, x.reshape(1, 24), {"axis": 0})
    one("flatten_negative", "Flatten", 11, x, x.reshape(6, 4), {"axis": -1})
    one("reshape", "Reshape", 9, x, x.reshape(2, 12), {}, {"s": np.array([0, -1])})
    one("reshape_zero", "Reshape", 14, x, x.reshape(4, 6), {"allowzero": 1}, {"s": np.array([4, 6])}, typed=True)
    one("transpose", "Transpose", 13, x, x.transpose(2, 0, 1), {"perm": [2, 0, 1]})
    one("transpose_default", "Transpose", 7, x, x.T)
    one("squeeze_old", "Squeeze", 11, q, q[:, 0], {"axes": [1]})
    one("unsqueeze_new", "Unsqueeze", 13, a, a[:, None, :, None], {}, {"s": np.array([1, -1])})
    one("concat", "Concat", 13, [x, x[:, :2]], np.concatenate([x, x[:, :2]], 1), {"axis": 1})
    one("softmax_old", "Softmax", 11, x, torch.softmax(t(x).reshape(2, 12), 1).reshape(2, 3, 4))
    one("softmax_old2", "Softmax", 9, x, torch.softmax(t(x), 2), {"axis": 2})
    one("softmax_new", "Softmax", 13, x, torch.softmax(t(x), -1))
    one("softmax_new1", "Softmax", 13, x, torch.softmax(t(x), 1), {"axis": 1})
    one("logsoftmax", "LogSoftmax", 13, x, torch.log_softmax(t(x), 1), {"axis": 1})
    s, bb, m, v = draw(3), draw(3), draw(3), np.abs(draw(3)) + f(0.5)
    bn = F.batch_norm(t(x), t(m), t(v), t(s), t(bb), eps=float(f(1e-3)))
    for o in (7, 9, 15):
        one("batchnorm%d" % o, "BatchNormalization", o, x, bn, {"epsilon": 1e-3}, {"s": s, "b": bb, "m": m, "v": v})
    one("identity", "Identity", 13, x, x)
    one("dropout", "Dropout", 13, x, x)
    padded = np.pad(a, ((1, 0), (2, 3)))
    one("pad_old", "Pad", 10, a, padded, {"pads": [1, 2, 0, 3]})
    one("pad_new", "Pad", 13, a, padded, {}, {"p": np.array([1, 2, 0, 3]), "v": f(0)})
    image = draw(1, 2, 5, 6)
    one("globalaveragepool", "GlobalAveragePool", 9, image, image.astype(float).mean((2, 3), keepdims=True))
    one("globalmaxpool", "GlobalMaxPool", 9, image, image.max((2, 3), keepdims=True))
    windows(image)
    value = draw(2, 2)
    save("constant", model(13, [("Constant", [], ["k"], {"value": value}), ("Add", ["x", "k"], ["y"], {})], {"x": (2, 2)}, {}),
         {"x": value}, [2 * value])


def windows(x):
    """Convolution and pooling."""
    w, b, g = draw(3, 2, 3, 2), draw(3), draw(4, 1, 2, 2)
    one("conv", "Conv", 11, x, F.conv2d(t(x), t(w), t(b)), {"kernel_shape": [3, 2]}, {"w": w, "b": b})
    one("conv_strided", "Conv", 9, x, F.conv2d(F.pad(t(x), (0, 1, 1, 2)), t(w), None, (2, 1), 0, (1, 2)),
        {"pads": [1, 0, 2, 1], "strides": [2, 1], "dilations": [1, 2]}, {"w": w})
    one("conv_groups", "Conv", 13, x, F.conv2d(t(x), t(g), None, groups=2), {"group": 2}, {"w": g})
    one("conv_valid", "Conv", 11, x, F.conv2d(t(x), t(w)), {"auto_pad": "VALID"}, {"w": w})
    one("conv_same", "Conv", 11, x, F.conv2d(F.pad(t(x), (0, 1, 1, 1)), t(w)), {"auto_pad": "SAME_UPPER"}, {"w": w})
    one("conv_same_lower", "Conv", 11, x, F.conv2d(F.pad(t(x), (1, 0, 1, 1)), t(w)), {"auto_pad": "SAME_LOWER"}, {"w": w})
    line, k = draw(1, 2, 7), draw(3, 2, 3)
    one("conv1d", "Conv", 11, line, F.conv1d(t(line), t(k), padding=1, stride=2), {"pads": [1, 1], "strides": [2]}, {"w": k})
    one("maxpool", "MaxPool", 8, x, F.max_pool2d(t(x), 2), {"kernel_shape": [2, 2], "strides": [2, 2]})
    one("maxpool_padded", "MaxPool", 12, x, F.max_pool2d(t(x), 3, 2, 1), {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]})
    one("maxpool1d", "MaxPool", 12, line, F.max_pool1d(t(line), 3), {"kernel_shape": [3], "strides": [3]})
    one("averagepool", "AveragePool", 10, x, F.avg_pool2d(t(x), (2, 3)), {"kernel_shape": [2, 3], "strides": [2, 3]})
    for n in (0, 1):
        one("averagepool_count%d" % n, "AveragePool", 11, x, F.avg_pool2d(t(x), 3, 2, 1, count_include_pad=bool(n)),
            {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "count_include_pad": n})


draw_t = draw(2, 3)

# ---- networks by PyTorch's exporter


class Extrema(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 6), nn.Linear(4, 6)

    def forward(self, x):
        u, v = self.a(x), self.b(x)
        return torch.min(torch.max(u, v), u.abs()).clamp(-0.5, 0.5)


class Viewed(nn.Module):
    """Its reshape reads the size of the batch, a small program of integers."""

    def __init__(self):
        super().__init__()
        self.out = nn.Linear(12, 2)

    def forward(self, x):
        y = F.leaky_relu(self.out(x.view(x.size(0), -1)), 0.1)
        return F.log_softmax(y, dim=1)


def network(name, net, x, opsets, **options):
    net = net.eval()
    for o in opsets:
        path = os.path.join(HERE, "%s_%d.onnx" % (name, o))
        net.float()
        torch.onnx.export(net, x.float(), path, opset_version=o, input_names=["x"], output_names=["y"], **options)
        with torch.no_grad():
            y = net.double()(x.float().double())
        with open(path, "rb") as f:
            data = f.read()
        save("%s_%d" % (name, o), data, {"x": x.float().numpy()}, [y.numpy()])


def networks():
    torch.manual_seed(11)
    mlp = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.LeakyReLU(0.1), nn.Linear(8, 6), nn.Hardtanh(),
                        nn.Dropout(), nn.Linear(6, 3))
    network("mlp", mlp, torch.randn(1, 4), (9, 11, 13, 16), dynamic_axes={"x": {0: "batch"}})
    network("extrema", Extrema(), torch.randn(1, 4), (9, 13))
    smooth = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 5), nn.Sigmoid(), nn.Linear(5, 3), nn.Softmax(dim=1))
    network("smooth", smooth, torch.randn(1, 4), (9, 13))
    network("viewed", Viewed(), torch.randn(1, 2, 6), (11, 13), dynamic_axes={"x": {0: "batch"}})
    conv = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 4, 3),
                         nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4, 3))
    with torch.no_grad():
        conv[1].running_mean.uniform_(-1, 1), conv[1].running_var.uniform_(0.5, 2)
    network("convnet", conv, torch.randn(1, 1, 8, 8), (9, 13, 16))
    network("convnet_unfolded", conv, torch.randn(1, 1, 8, 8), (13,), do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE)
    pooled = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.LeakyReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    network("pooled", pooled, torch.randn(1, 1, 6, 6), (13,))


operators()
networks()
with open(os.path.join(HERE, "cases.json"), "w") as f:
    f.write("{\n" + ",\n".join("%s: %s" % (json.dumps(k), json.dumps(CASES[k])) for k in sorted(CASES)) + "\n}\n")
