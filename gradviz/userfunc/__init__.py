"""Functions of the user's own, from a Python file: `FILE.py:NAME`. Nowhere else is a user's code run."""

from gradviz.userfunc.arrays import ArrayFunction, array_function, field_on_plane, read_array
from gradviz.userfunc.field import OwnField, field_near, field_of_points, own_gradient

__all__ = [
    "ArrayFunction",
    "OwnField",
    "array_function",
    "field_near",
    "field_of_points",
    "field_on_plane",
    "own_gradient",
    "read_array",
]
