"""Writes torch_layers.json: losses, gradients, statistics and outputs of small PyTorch networks.

    apt-get install python3-torch           # Debian 12: PyTorch 1.13.1
    /usr/bin/python3 torch_layers.py        # in this directory; seed 5

Parameters and inputs are random multiples of 1/4, so that relu, maxima and hinges are often at their kinks. Everything
is float64. Parameters are written as this project's layers have them: w is inputs × outputs.
"""
import json
import platform
import subprocess

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)


def dyadic(*shape):
    return torch.randint(-4, 5, shape).double() / 4


class Recorded(nn.Module):
    """Parameters by our names; layers are numbered as ours are."""

    def __init__(self):
        super().__init__()
        self.own, self.count, self.norms = {}, 0, []

    def linear(self, inputs, outputs):
        k = self.count
        self.count += 1
        w, b = dyadic(inputs, outputs).requires_grad_(), dyadic(outputs).requires_grad_()
        self.own[f"w{k}"], self.own[f"b{k}"] = w, b
        return lambda x: x @ w + b

    def convolution(self, channels, out, size, groups=1, **how):
        k = self.count
        self.count += 1
        w, b = dyadic(out, channels // groups, *size).requires_grad_(), dyadic(out).requires_grad_()
        self.own[f"w{k}"], self.own[f"b{k}"] = w, b
        return lambda x: F.conv2d(x, w, b, groups=groups, **how)

    def norm(self, kind, channels, eps=1e-5):
        k = self.count
        self.count += 1
        layer = kind(channels, eps=eps, momentum=None)
        with torch.no_grad():
            layer.weight.copy_(dyadic(channels) + 1.125)
            layer.bias.copy_(dyadic(channels))
        self.own[f"scale{k}"], self.own[f"shift{k}"] = layer.weight, layer.bias
        self.norms.append((k, layer))
        return layer


def onehot(rows, classes):
    return F.one_hot(torch.randint(0, classes, (rows,)), classes).double()


def cross_entropy(z, y):
    return F.cross_entropy(z, y)


def norm_of_rows(m):
    a, n, b = m.linear(3, 4), m.norm(nn.BatchNorm1d, 4), m.linear(4, 3)
    return (lambda x: b(torch.relu(n(a(x))))), dyadic(6, 3), onehot(6, 3), cross_entropy


def norm_of_images(m):
    n, a = m.norm(nn.BatchNorm2d, 2, 0.5), m.linear(24, 3)
    return (lambda x: a(torch.relu(n(x)).flatten(1))), dyadic(5, 2, 3, 4), onehot(5, 3), cross_entropy


def residual(m):
    a, b, c, d = m.linear(3, 4), m.linear(4, 4), m.linear(4, 4), m.linear(4, 3)

    def forward(x):
        h = torch.relu(a(x))
        return d(h + c(torch.relu(b(h))))

    return forward, dyadic(4, 3), onehot(4, 3), cross_entropy


def set_of_points(m):
    a, b, c = m.linear(3, 4), m.linear(4, 5), m.linear(5, 3)

    def forward(x):
        return c(torch.amax(b(torch.relu(a(x))), dim=-2))

    return forward, dyadic(4, 6, 3), onehot(4, 3), cross_entropy


def group_sort(m):
    a, b = m.linear(3, 6), m.linear(6, 3)

    def forward(x):
        h = a(x)
        return b(torch.sort(h.unflatten(-1, (3, 2)), dim=-1, stable=True)[0].flatten(-2))

    return forward, dyadic(5, 3), onehot(5, 3), cross_entropy


def multi_hinge(m):
    a = m.linear(3, 4)
    return a, dyadic(8, 3), onehot(8, 4), lambda z, y: F.multi_margin_loss(z, y.argmax(1))


def signs(rows):
    return torch.randint(0, 2, (rows, 1)).double() * 2 - 1


def hinge(m):
    a = m.linear(3, 1)
    return a, dyadic(8, 3), signs(8), lambda z, y: torch.relu(1 - z * y).mean()


def logistic(m):
    a = m.linear(3, 1)
    return a, dyadic(8, 3), signs(8), lambda z, y: F.soft_margin_loss(z, y)


def half_squares(m):
    a = m.linear(3, 2)
    return a, dyadic(4, 3), dyadic(4, 2), lambda z, y: F.mse_loss(z, y, reduction="sum") / (2 * len(z))


def dropout(m):
    a = m.linear(3, 4)
    m.count += 1  # the layer of the mask
    b = m.linear(4, 3)
    mask = torch.randint(0, 2, (6, 4)).double() / 0.5
    m.mask = ("mask1", mask)
    return (lambda x: b(torch.relu(a(x)) * (mask if m.training else 1))), dyadic(6, 3), onehot(6, 3), cross_entropy


def convolutions(m):
    a, b, c = m.convolution(1, 3, (3, 3), padding=1), m.convolution(3, 4, (2, 3), stride=(2, 1)), m.linear(24, 3)
    pool = nn.MaxPool2d(2)

    def forward(x):
        return c(pool(torch.relu(b(torch.relu(a(x))))).flatten(1))

    return forward, dyadic(4, 1, 8, 8), onehot(4, 3), cross_entropy


def overlapping_pools(m):
    a, b = m.convolution(2, 4, (3, 2), groups=2, dilation=(1, 2), padding=(2, 1)), m.linear(64, 3)
    pool = nn.MaxPool2d(3, stride=(2, 1), padding=1)
    return (lambda x: b(pool(a(x)).flatten(1))), dyadic(4, 2, 5, 4), onehot(4, 3), cross_entropy


def means_of_windows(m):
    a, b = m.convolution(2, 3, (1, 1)), m.linear(3, 3)
    outside, inside = nn.AvgPool2d(3, 2, 1), nn.AvgPool2d((2, 3), 1, (1, 1), count_include_pad=False)
    mean = nn.AdaptiveAvgPool2d(1)
    return (lambda x: b(mean(inside(outside(torch.relu(a(x))))).flatten(1))), dyadic(4, 2, 6, 5), onehot(4, 3), cross_entropy


CASES = [
    norm_of_rows, norm_of_images, residual, set_of_points, group_sort, multi_hinge, hinge, logistic, half_squares, dropout,
    convolutions, overlapping_pools, means_of_windows,
]


def flat(t):
    return t.detach().reshape(-1).tolist()


def record(case):
    m = Recorded()
    forward, x, y, loss = case(m)
    m.train()
    value = loss(forward(x), y)
    grads = torch.autograd.grad(value, list(m.own.values()))
    out = {
        "name": case.__name__,
        "params": {k: flat(v) for k, v in m.own.items()},
        "x": flat(x), "y": flat(y), "rows": len(x),
        "loss": value.item(),
        "gradients": {k: flat(g) for k, g in zip(m.own, grads)},
    }
    if hasattr(m, "mask"):
        out["drawn"] = {m.mask[0]: flat(m.mask[1])}
    for _, n in m.norms:
        n.reset_running_stats()
    if m.norms:
        for part in (x[:2], x[2:4]):  # momentum None: the mean over minibatches
            forward(part)
    out["statistics"] = {}
    for k, n in m.norms:
        out["statistics"][f"mean{k}"], out["statistics"][f"var{k}"] = flat(n.running_mean), flat(n.running_var)
        n.eval()
    m.eval()
    out["outputs"] = flat(forward(x))
    return out


def main():
    package = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "python3-torch"], capture_output=True, text=True).stdout
    head = {"versions": {"python": platform.python_version(), "torch": torch.__version__, "python3-torch": package}}
    with open("torch_layers.json", "w") as out:
        out.write(json.dumps(head)[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(record(c)) for c in CASES) + "\n]}\n")


main()
