"""Writes the cases of the ONNX standard's own test suite for the operators that are read.

Run with python 3.11 and Debian's python3-onnx 1.12.0, numpy 1.24.2:

    apt-get install python3-onnx
    /usr/bin/python3 -W ignore make.py        # in this folder

Models are made, and checked, by the onnx package (Apache-2.0); outputs are those of the
suite. All inputs but the first of an operator with weights become initializers, as
exporters write them.
"""
import json
import numpy as np

np.float, np.int, np.bool, np.object = float, int, bool, object  # names that the suite of 1.12 still uses

import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

ENTRYWISE = {"Abs", "Add", "Sub", "Mul", "Div", "Neg", "Max", "Min", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "Exp",
             "Identity", "MatMul", "Concat"}
WEIGHTED = {"Gemm", "Conv", "Clip", "Reshape", "BatchNormalization", "MaxPool", "AveragePool", "GlobalAveragePool",
            "GlobalMaxPool", "Flatten", "Softmax", "LogSoftmax", "Transpose", "Squeeze", "Unsqueeze"}
# Elu is not among them: the suite takes exp(x) - 1 in float32, which loses digits near 0.
MOST = 300  # numbers of a case


def wanted(case):
    nodes = case.model.graph.node
    if len(nodes) != 1 or nodes[0].op_type not in ENTRYWISE | WEIGHTED or len(nodes[0].output) != 1:
        return False
    arrays = [a for part in case.data_sets[0] for a in part]
    if not all(isinstance(a, np.ndarray) for a in arrays) or sum(a.size for a in arrays) > MOST:
        return False
    if any(a.ndim > 5 or a.size == 0 for a in arrays):  # such shapes are refused
        return False
    first, *rest = case.data_sets[0][0]
    kinds = {a.dtype.name for a in rest} - ({"int64"} if nodes[0].op_type in WEIGHTED else set())
    return first.dtype.name in ("float32", "float64") and kinds <= {"float32", "float64"} and "ceil" not in case.name


def listed(a):
    a = np.asarray(a, dtype=np.float64)
    return {"dims": list(a.shape), "values": [float(v) for v in a.ravel()]}


cases = {}
for case in collect_testcases(None):
    if not wanted(case):
        continue
    model, (inputs, outputs) = case.model, case.data_sets[0]
    graph, name = model.graph, case.name.removeprefix("test_")
    if name in cases:
        continue
    names = [v.name for v in graph.input]
    if graph.node[0].op_type in WEIGHTED:
        for n, a in zip(names[1:], inputs[1:]):
            graph.initializer.append(numpy_helper.from_array(np.asarray(a), n))
        del graph.input[1:]
    model.opset_import[0].version = max(7, model.opset_import[0].version)  # the oldest set that is read
    onnx.checker.check_model(model)
    onnx.save(model, name + ".onnx")
    kept = dict(list(zip(names, inputs))[: len(graph.input)])
    cases[name] = {"inputs": {k: listed(v) for k, v in kept.items()}, "outputs": [listed(o) for o in outputs]}

with open("cases.json", "w") as f:
    f.write("{\n" + ",\n".join("%s: %s" % (json.dumps(k), json.dumps(cases[k])) for k in sorted(cases)) + "\n}\n")
print(len(cases), "cases")
