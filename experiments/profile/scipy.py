"""Minimises f by a method of scipy: scipy.py METHOD. The start is the first line of standard input.

Each line of standard output is a point, and the line that answers it is f and its gradient there. The last one is
"end", steps, f and the point, then a tab and the reason.
"""
import sys

from scipy.optimize import minimize

METHOD = sys.argv[1]


def write(*numbers):
    return " ".join(repr(float(v)) for v in numbers)


def ask(x):
    print(write(*x), flush=True)
    value, *gradient = map(float, sys.stdin.readline().split())
    return (value, gradient) if METHOD != "Nelder-Mead" else value


start = [float(v) for v in sys.stdin.readline().split()]
r = minimize(ask, start, method=METHOD, jac=METHOD != "Nelder-Mead")
print(f"end {write(r.nit, r.fun, *r.x)}\t{r.message}", flush=True)
