"""Makes the JSON files of this directory in the working directory; SOURCES.md says more."""
import itertools
import json
import os
import sys

import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "exporters"))
import torch_fx


class Net(nn.Module):
    """Three layers of relu, then a maximum over scalars: an entry, a sum and a distance."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3))

    def forward(self, x):
        y = self.layers(x)
        low = torch.sort(y)[0][0]
        spread = torch.amax(y, -1) - y.min()
        return torch.maximum(torch.maximum(low, y.abs().mean()), spread) + torch.relu(y[1] - low)

    def ties(self, x):
        """How many switches of forward's kinks are 0."""
        a = self.layers[0](x)
        b = self.layers[2](torch.relu(a))
        y = self.layers[4](torch.relu(b))
        s, mean = torch.sort(y)[0], y.abs().mean()
        last = torch.stack([s[0] - mean, torch.maximum(s[0], mean) - (s[-1] - s[0]), y[1] - s[0]])
        return int(sum((z == 0).sum() for z in (a, b, y, s[1:] - s[:-1], last)))


class Batch(nn.Module):
    """Two rows at once, and what the exporter does with axes."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 4)
        self.w = nn.Parameter(torch.zeros(4, 2))
        self.register_buffer("shift", torch.tensor([0.1, 1.0]))

    def forward(self, x):
        h = torch.relu(self.linear(x))
        y = torch.matmul(h, self.w) / 2 - self.shift
        top = torch.amax(h, dim=-1, keepdim=True) * torch.tanh(y).sum(dim=0)
        flat = torch.flatten(torch.maximum(top, y))
        wide = flat.reshape(2, 1, 2).mean(dim=(0, 1))
        return (wide - self.w[1]).abs().sum() + torch.min(flat) + (flat @ flat) - 0.25 * h.mean(-1).max()

    def ties(self, x):
        return int((self.linear(x) == 0).sum())


def quarters(model, generator):
    """Weights in multiples of 1/4: sums are exact, so that points can lie on kinks."""
    for p in model.parameters():
        p.data = torch.randint(-4, 5, p.shape, generator=generator).double() / 4


def case(model, x):
    x = x.clone().requires_grad_()
    model.zero_grad()
    value = model(x)
    value.backward()
    flat = lambda t: t.detach().flatten().tolist()
    leaves = {"x": x, **dict(model.named_parameters())}
    return {"at": {k: flat(v) for k, v in {**leaves, **dict(model.named_buffers())}.items()}, "value": value.item(),
            "gradient": {k: flat(v.grad) for k, v in leaves.items()}, "ties": model.ties(x)}


def write(name, program):
    with open(name, "w") as f:
        f.write(json.dumps(program).replace("}, {", "},\n{") + "\n")


def main():
    generator = torch.Generator().manual_seed(7)
    net, batch = Net().double(), Batch().double()
    quarters(net, generator)
    quarters(batch, generator)
    grid = [torch.tensor(p).double() / 2 for p in itertools.product(range(-4, 5), repeat=3)]
    points = sorted(grid, key=lambda x: -net.ties(x))[:6] + grid[::200]
    pairs = sorted((torch.stack(p) for p in zip(grid, grid[::-1])), key=lambda x: -batch.ties(x))[:3]
    write("net.json", torch_fx.export(net, points[0], weights="const"))
    write("weights.json", torch_fx.export(net, points[0]))
    write("batch.json", torch_fx.export(batch, pairs[0]))
    cases = [{"programs": p, "cases": [case(model, x) for x in xs]} for p, model, xs in (
        (["net.json", "weights.json"], net, points), (["batch.json"], batch, pairs))]
    with open("golden.json", "w") as f:
        text = json.dumps({"torch": torch.__version__, "models": cases})
        f.write(text.replace('{"at"', '\n{"at"').replace('{"programs"', '\n{"programs"') + "\n")


if __name__ == "__main__":
    main()
