"""How many threads the linear algebra below NumPy may use."""

from __future__ import annotations

import os

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def single_threaded_algebra() -> dict[str, str]:
    """Return the environment that limits it to one thread a process."""
    return dict.fromkeys(_VARIABLES, "1")


def limit_algebra_threads() -> None:
    """Limit it in this process; before NumPy is imported.

    The threads of our own pool call it at the same time: with more of them than cores, a product
    of small matrices takes ten times longer.
    """
    for name, value in single_threaded_algebra().items():
        os.environ.setdefault(name, value)
