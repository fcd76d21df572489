"""Writes plain.npz and compressed.npz: arrays as numpy saves them, one with types that are not read.

    apt-get install python3-numpy           # Debian 12: numpy 1.24.2
    python3 numpy_npz.py                    # in this directory
"""
import numpy

ARRAYS = {
    "scalar": numpy.float64(-0.1),
    "vector": numpy.array([1e-310, -0.0, numpy.inf, 2.5]),
    "matrix": numpy.arange(6, dtype="<f8").reshape(2, 3) / 7,
    "columns": numpy.asfortranarray(numpy.arange(24, dtype="<f8").reshape(2, 3, 4)),
    "single": numpy.array([[0.1, -3e38], [1e-45, 2]], dtype="<f4"),
    "bytes": numpy.array([0, 7, 255], dtype="|u1"),
    "empty": numpy.zeros((0, 3)),
    "layers.0.weight": numpy.ones((1, 1, 2)),
}

numpy.savez("plain.npz", **ARRAYS)
numpy.savez_compressed("compressed.npz", **ARRAYS)
numpy.savez("half.npz", w=numpy.ones(2, dtype="<f2"))
numpy.savez("swapped.npz", w=numpy.ones(2, dtype=">f8"))
numpy.savez("objects.npz", w=numpy.array([{}], dtype=object))
