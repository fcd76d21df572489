"""PyTorch as a peer of `experiments bench`: the protocol is in experiments/bench/peer.

The spellings are the cheapest known ones in eager mode: vector forms, torch.autograd.grad instead of .backward where no
module is needed, leaf tensors, batched matrix products for many networks at once. OMP_NUM_THREADS is the number of threads.
"""
import ctypes
import json
import os
import statistics
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))
try:
    BLAS = ctypes.CDLL("libopenblas.so.0")
except OSError:
    BLAS = None


def threads(openmp, blas):
    torch.set_num_threads(openmp)
    if BLAS is not None:
        BLAS.openblas_set_num_threads(blas)


def fastest(task):
    """OpenMP's and OpenBLAS's threads spin while they wait, and disturb each other: with more than one thread the setting
    is the fastest one of OpenMP's threads, OpenBLAS's threads, and none."""
    best = (float("inf"), (1, 1))
    for setting in {(1, 1), (THREADS, 1), (1, THREADS)}:
        threads(*setting)
        for _ in range(3):
            best = min(best, (timed(task, 1), setting))
    return best[1]


def version():
    blas = ""
    if BLAS is not None:
        BLAS.openblas_get_corename.restype = ctypes.c_char_p
        blas = ", OpenBLAS for " + BLAS.openblas_get_corename().decode()
    return torch.__version__ + blas


class Rng:
    """xorshift64*, as every peer draws."""

    M = (1 << 64) - 1

    def __init__(self, seed):
        self.s = seed

    def u(self):
        x = self.s
        x ^= x >> 12
        x = (x ^ (x << 25)) & self.M
        x ^= x >> 27
        self.s = x
        return ((x * 2685821657736338717 & self.M) >> 11) / 9007199254740992.0

    def us(self, n):
        return np.array([self.u() for _ in range(n)])

    def syms(self, n, scale=1.0):
        return scale * (2 * self.us(n) - 1)


class Checksum:
    """Sum and size of x_i * (1 + i mod 7)."""

    def __init__(self):
        self.sum, self.size, self.count = 0.0, 0.0, 0

    def add(self, x):
        x = x.detach().double().reshape(-1).numpy()
        w = 1.0 + (self.count + np.arange(x.size)) % 7
        self.sum += float((x * w).sum())
        self.size += float((np.abs(x) * w).sum())
        self.count += x.size
        return self


def numbers(*tensors):
    c = Checksum()
    for t in tensors:
        c.add(t)
    return c


class Task:
    """A run and what it left."""

    def __init__(self, run, read=lambda last: numbers(*last)):
        self.f, self.read, self.last, self.threads = run, read, None, None

    def run(self):
        self.last = self.f()

    def numbers(self):
        return self.read(self.last)


# ---------------------------------------------------------------- W1
def maxq(x):
    return (x * x).max()


def chained_lq(x):
    a, b = x[:-1], x[1:]
    s = -a - b
    return torch.maximum(s, s + (a * a + b * b - 1)).sum()


def chained_cb3_2(x):
    a, b = x[:-1], x[1:]
    q = a * a
    u, v = 2 - a, 2 - b
    s1 = (q * q + b * b).sum()
    s2 = (u * u + v * v).sum()
    s3 = (2 * torch.exp(b - a)).sum()
    return torch.maximum(torch.maximum(s1, s2), s3)


def active_faces(x):
    g = lambda y: torch.log(torch.abs(y) + 1)
    return torch.maximum(g(-x.sum()), g(x).max())


def crescent_1(x):
    a, b = x[:-1], x[1:]
    p = a * a
    d = b - 1
    q = d * d
    return torch.maximum((p + q + b - 1).sum(), (-p - q + b + 1).sum())


CHAINS = {
    "maxq": (maxq, lambda n: np.where(np.arange(n) < n // 2, 1.0, -1.0) * (np.arange(n) + 1) / n),
    "chained-lq": (chained_lq, lambda n: np.full(n, -0.5)),
    "chained-cb3-2": (chained_cb3_2, lambda n: np.full(n, 2.0)),
    "active-faces": (active_faces, lambda n: np.full(n, 1.0)),
    "crescent-1": (crescent_1, lambda n: np.where(np.arange(n) % 2 == 0, -1.5, 2.0)),
}


def chain(name, n, gradient):
    f, start = CHAINS[name]
    x = torch.tensor(start(n) + 0.01 * Rng(1).syms(n), requires_grad=True)

    def value():
        with torch.no_grad():
            return [f(x)]

    return Task((lambda: torch.autograd.grad(f(x), x)) if gradient else value)


# ---------------------------------------------------------------- W2, W5
def linear(w, b, dtype):
    """A layer from weights as in x out."""
    layer = nn.Linear(*w.shape).to(dtype)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(w.T.copy()))
        layer.bias.copy_(torch.tensor(b))
    return layer


def objective(net, x, y):
    def step():
        for p in net.parameters():
            p.grad = None
        F.cross_entropy(net(x), y).backward()

    def read(_):
        c = Checksum()
        for layer in net:
            if isinstance(layer, nn.Linear):
                c.add(layer.weight.grad.t().contiguous()).add(layer.bias.grad)
            elif isinstance(layer, nn.Conv2d):
                c.add(layer.weight.grad).add(layer.bias.grad)
        return c

    return Task(step, read)


def dense(dtype):
    r, d = Rng(3), [784, 256, 128, 10]
    layers = []
    for i, o in zip(d, d[1:]):
        layers += [linear(r.syms(i * o, 1 / np.sqrt(i)).reshape(i, o), np.zeros(o), dtype), nn.ReLU()]
    x = torch.tensor(r.us(128 * 784).reshape(128, 784), dtype=dtype)
    y = torch.tensor([int(r.u() * 10) for _ in range(128)])
    return objective(nn.Sequential(*layers[:-1]), x, y)


def images(dtype):
    r = Rng(17)

    def convolution(i, o, scale):
        c = nn.Conv2d(i, o, 3, padding=1).to(dtype)
        with torch.no_grad():
            c.weight.copy_(torch.tensor(r.syms(o * i * 9, scale).reshape(o, i, 3, 3)))
            c.bias.zero_()
        return c

    first, second = convolution(1, 8, 0.3), convolution(8, 16, 0.1)
    last = linear(r.syms(31360, 0.02).reshape(3136, 10), np.zeros(10), dtype)
    x = torch.tensor(r.syms(32 * 784).reshape(32, 1, 28, 28), dtype=dtype)
    y = torch.tensor([int(r.u() * 10) for _ in range(32)])
    return objective(nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), last), x, y)


# ---------------------------------------------------------------- W3, W3b, W4
def mean_squares():
    inputs, hidden, rows, count, chunk = 10, 32, 64, 1000, 50  # chunks that stay in the cache are the fastest
    r = Rng(7)
    x, y = torch.tensor(r.syms(rows * inputs).reshape(rows, inputs)), torch.tensor(r.syms(rows))
    p0 = r.syms(1441, 0.3)
    points = torch.tensor(np.stack([p0 + Rng(1000 + k).syms(1441, 1e-3) for k in range(count)]))
    cuts = np.cumsum([0, inputs * hidden, hidden, hidden * hidden, hidden, hidden, 1])

    def batch(lo):
        p = points[lo : lo + chunk].detach().requires_grad_(True)
        part = lambda i: p[:, cuts[i] : cuts[i + 1]]
        w0, w1 = part(0).reshape(chunk, hidden, inputs), part(2).reshape(chunk, hidden, hidden)
        h = torch.relu(torch.baddbmm(part(1).unsqueeze(1), x.expand(chunk, rows, inputs), w0.transpose(1, 2)))
        h = torch.relu(torch.baddbmm(part(3).unsqueeze(1), h, w1.transpose(1, 2)))
        d = torch.bmm(h, part(4).unsqueeze(2)).squeeze(2) + part(5) - y
        return torch.autograd.grad((d * d).mean(1).sum(), p)[0]

    def read(last):
        c = Checksum()
        for g in last:
            for one in g:
                c.count = 0
                c.add(one)
        return c

    return Task(lambda: [batch(lo) for lo in range(0, count, chunk)], read)


def largest():
    r = Rng(11)
    a, b, x0 = torch.tensor(r.syms(2500).reshape(50, 50)), torch.tensor(r.syms(50)), r.syms(50)
    points = torch.tensor(np.stack([x0 + Rng(5000 + k).syms(50, 1e-2) for k in range(10000)]))

    def run():
        x = points.detach().requires_grad_(True)
        return torch.autograd.grad(torch.addmm(b, x, a.t()).abs().max(1).values.sum(), x)

    return Task(run)


def steps():
    r = Rng(13)
    n, h = 1000, 16
    points = r.syms(2 * n).reshape(n, 2)
    x, y = torch.tensor(points), torch.tensor(np.abs(points[:, 0]) - np.maximum(points[:, 1], 0)).reshape(n, 1)
    p0, parameters, at = r.syms(337, 0.4), [], 0
    for shape in ((h, 2), (h,), (h, h), (h,), (1, h), (1,)):
        size = int(np.prod(shape))
        parameters.append(torch.tensor(p0[at : at + size].reshape(shape), requires_grad=True))
        at += size
    w0, b0, w1, b1, w2, b2 = parameters
    rows, targets, first = list(x.split(1)), list(y.split(1)), []

    def epoch():  # the cheapest eager form: no modules, one fused update
        for row, target in zip(rows, targets):
            z = torch.relu(torch.addmm(b0, row, w0.t()))
            z = torch.relu(torch.addmm(b1, z, w1.t()))
            d = torch.addmm(b2, z, w2.t()) - target
            gradients = torch.autograd.grad((d * d).sum(), parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-0.01)
        if not first:
            first.extend(p.detach().clone() for p in parameters)

    return Task(epoch, lambda _: numbers(*first))


# ---------------------------------------------------------------- W6
def sorting(dtype, pairs):
    r = Rng(23)
    x = torch.tensor(r.syms(128 * 1024).reshape(128, 1024), dtype=dtype, requires_grad=True)
    w = torch.tensor(r.syms(128 * 1024).reshape(128, 1024), dtype=dtype)

    def whole():
        return torch.autograd.grad((torch.sort(x, dim=1).values * w).sum(), x)

    def by_pairs():
        a, b = x[:, 0::2], x[:, 1::2]
        y = torch.stack((torch.minimum(a, b), torch.maximum(a, b)), 2).view(128, 1024)
        return torch.autograd.grad((y * w).sum(), x)

    return Task(by_pairs if pairs else whole)


TASKS = {"w3": mean_squares, "w3b": largest, "w4": steps}
for name in CHAINS:
    for n in (1000, 100000):
        TASKS[f"w1/{name}/{n}"] = lambda name=name, n=n: chain(name, n, True)
        TASKS[f"w1/{name}/{n}/value"] = lambda name=name, n=n: chain(name, n, False)
for precision, dtype in (("f32", torch.float32), ("f64", torch.float64)):
    TASKS[f"w2/{precision}"] = lambda dtype=dtype: dense(dtype)
    TASKS[f"w5/{precision}"] = lambda dtype=dtype: images(dtype)
    TASKS[f"w6/sort/{precision}"] = lambda dtype=dtype: sorting(dtype, False)
    TASKS[f"w6/pairs/{precision}"] = lambda dtype=dtype: sorting(dtype, True)


def timed(task, runs):
    start = time.perf_counter()
    for _ in range(runs):
        task.run()
    return (time.perf_counter() - start) / runs


def measure(name, task, seconds):
    batches = 5
    if task.threads is None:
        task.threads = fastest(task) if THREADS > 1 else (1, 1)
    threads(*task.threads)
    once = timed(task, 1)
    c = task.numbers()
    answer = {"workload": name, "sum": c.sum, "size": c.size}
    if once >= 10 * seconds:
        return {**answer, "seconds": once, "best": once, "runs": 1}
    once = timed(task, 1)
    runs = max(1, int(seconds / batches / once))
    count = max(1, int(seconds / once)) if once > seconds / batches else batches
    times = [timed(task, runs) for _ in range(count)]
    return {**answer, "seconds": statistics.median(times), "best": min(times), "runs": count * runs}


def say(answer):
    print(json.dumps(answer), flush=True)


def main():
    say({"protocol": 1, "peer": "torch", "version": version(), "workloads": sorted(TASKS)})
    ready = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = request["workload"]
        try:
            if name not in ready:
                ready[name] = TASKS[name]()
            say(measure(name, ready[name], request["seconds"]))
        except Exception as e:  # the next workload may do
            say({"workload": name, "error": f"{type(e).__name__}: {e}"})


main()
