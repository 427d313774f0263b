"""The library that proofs need, python-flint, which is optional."""

from __future__ import annotations

from importlib.util import find_spec

from gradviz.errors import Place, RequestError


def require_flint() -> None:
    """Raise RequestError if python-flint is not installed."""
    if find_spec("flint") is None:
        problem = 'needs python-flint; install it with pip install "gradviz[certify]"'
        raise RequestError(Place("certify"), problem)
