"""User-defined functions from a Python file, FILE.py:NAME; only this package runs code of users."""

from gradviz.userfunc.arrays import ArrayFunction, array_function, field_on_plane, read_array
from gradviz.userfunc.field import UserField, field_near, field_of_points, user_gradient

__all__ = [
    "ArrayFunction",
    "UserField",
    "array_function",
    "field_near",
    "field_of_points",
    "field_on_plane",
    "read_array",
    "user_gradient",
]
