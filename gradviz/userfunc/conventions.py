"""Calling conventions of user-defined functions, detected by trial calls with a few points.

A function takes points as rows (N, D), D arrays (N,), one point (D,), or D numbers. The value at a point must
not depend on the other points of the call; it does if a function confuses rows and columns.
"""

from __future__ import annotations

import inspect
import math
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import cast

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.errors import Message, Ref, RequestError, visible
from gradviz.userfunc.loading import class_name

Function = Callable[..., object]
"""A user-defined function; nothing is known of its arguments and its result."""
Call = Callable[[Function, Floats], object]
_HUGE = 1_000_000  # elements of a result of at most 100 trial points that no convention explains
_TOLERANCE = 1e-6  # relative difference of equal values: a function may compute in single precision


class MisfitError(ValueError):
    """A result of a function that is not numeric, or not of the shape of one value per point."""


class HugeResultError(MisfitError):
    """A result so large that no other calling convention is tried."""


@dataclass(frozen=True)
class Convention:
    """A way to call a function with points (N, D)."""

    description: str
    """The arguments that the function takes."""
    call: Call
    call_one: Call | None = None
    """The call with one point (D,), for a convention that takes one at a time."""
    coordinates_first: bool = False
    """Whether vectors are returned as D arrays (N,)."""

    def results(self, function: Function, points: Floats, width: int | None) -> Floats:
        """Return the results (N,), or (N, width), at points (N, D); the function gets a copy of the points.

        A complex number becomes NaN. Raises MisfitError for results of another shape or type.
        """
        shape = (len(points),) if width is None else (len(points), width)
        result = self.call(function, points.copy())
        if self.coordinates_first and width is not None:
            whole = _real(result, points.size) if isinstance(result, np.ndarray) else result
            parts = islice(cast("Iterable[object]", whole), width + 1)
            result = np.stack(np.broadcast_arrays(*(_real(part, points.size) for part in parts)), axis=-1)
        values = _real(result, max(math.prod(shape), points.size))
        if values.shape == (len(points), 1) and width is None:
            values = values[:, 0]
        if values.shape != shape and values.shape not in ((), shape[1:]):
            raise MisfitError(f"an array of shape {values.shape}")
        return np.broadcast_to(values, shape).astype(np.float64)


def _columns(points: Floats) -> list[Floats]:
    return [np.ascontiguousarray(column) for column in points.T]


def _each(call_one: Call) -> Call:
    """Return a call with all points one by one; a point at which Python raises an arithmetic error is NaN."""

    def call(function: Function, points: Floats) -> object:
        results: list[NDArray[np.generic] | None] = []
        for point in points:
            try:
                result = _real(call_one(function, point), point.size)
                results.append(result.reshape(()) if result.size == 1 else result)
            except MisfitError:
                raise
            except (ArithmeticError, ValueError):
                results.append(None)
        shape = next((result.shape for result in results if result is not None), ())
        return [np.full(shape, np.nan) if result is None else result for result in results]

    return call


def _with_numbers(function: Function, point: Floats) -> object:
    return function(*point.tolist())


def _with_vector(function: Function, point: Floats) -> object:
    return function(point)


ARRAYS = Convention("one array for each coordinate", lambda f, p: f(*_columns(p)), coordinates_first=True)
POINTS = Convention("points as rows (N, D)", lambda f, p: f(p))
COLUMNS = Convention(
    "points as columns (D, N)", lambda f, p: f(np.ascontiguousarray(p.T)), coordinates_first=True
)
NUMBERS = Convention("one number for each coordinate", _each(_with_numbers), call_one=_with_numbers)
VECTORS = Convention("one point", _each(_with_vector), call_one=_with_vector)


@dataclass(frozen=True)
class Trial:
    """Trial calls of a function at points (K, D), K != D; it returns one number per point, or `width`."""

    function: Function
    points: Floats
    name: str
    width: int | None = None

    def convention(self) -> Convention:
        """Return the calling convention. Raises RequestError, or the function's error if all calls fail."""
        fault: Exception | None = None
        for whole, single in self._candidates():
            try:
                return self._chosen(whole, single)
            except RequestError:
                raise
            except HugeResultError as error:
                fault = error
                break
            except Exception as error:  # noqa: BLE001 - a function that is called wrongly can raise anything
                traceback.clear_frames(error.__traceback__)  # which hold arrays of the function
                # An IndexError of points (N, D) names the cause; errors of other conventions hide it.
                fault = error if fault is None or isinstance(error, IndexError) else fault
        if isinstance(fault, MisfitError):
            wanted = "one number" if self.width is None else f"{self.width} numbers"
            rule = f"must return {wanted} for each of {len(self.points)} points"
            raise RequestError(f"{self.name}: {rule}, got {visible(str(fault), 120)}")
        if isinstance(fault, IndexError):
            count = self.points.shape[-1]
            many = f"{count} coordinate{'s' * (count != 1)}"
            hint = f"{fault}; points have {many}, name more with the options vars or fix"
            raise IndexError(hint).with_traceback(fault.__traceback__)
        raise RequestError(self._refused()) if fault is None else fault

    def _candidates(self) -> list[tuple[Convention, Convention]]:
        """Return the pairs of conventions, all points and one point at a time, that the signature allows."""
        (low, high), dimension = _argument_counts(self.function), self.points.shape[-1]
        pairs = []
        if low <= dimension <= high and (dimension == 1 or low != 1):
            pairs.append((ARRAYS, NUMBERS))
        if low <= 1 <= high:
            pairs.append((POINTS, VECTORS))
        return pairs

    def _chosen(self, whole: Convention, single: Convention) -> Convention:
        """Return `whole` if it gives the values of single points, else `single`."""
        together, alone = self._attempt(whole), self._attempt(whole, one_by_one=True)
        if together is not None and alone is not None:
            if _close(together, alone):
                return whole
            # A reduction over all points, such as a sum, gives one number: call it with one point at a time.
            if np.unique(together[~np.isnan(together)]).size > 1:
                rule = "the value at a point must not depend on other points, and must not be random"
                use = "use the last axis for coordinates: p[..., 0] and p[..., 1]; sum over them with axis=-1"
                raise RequestError(f"{self.name}: {rule}\n{use}")
        try:
            each = single.results(self.function, self.points, self.width)
            if np.isnan(each).all() and single.call_one is not None:
                # The function fails at all points: raise its error instead of returning NaN everywhere.
                single.call_one(self.function, self.points[0].copy())
        except HugeResultError:
            raise
        except Exception:
            columns, in_rows = self._attempt(COLUMNS), self._attempt(COLUMNS, one_by_one=True)
            if whole is POINTS and columns is not None and in_rows is not None and _close(columns, in_rows):
                raise RequestError(self._transposed()) from None
            raise
        return single

    def _attempt(self, convention: Convention, *, one_by_one: bool = False) -> Floats | None:
        """Return the results at the points, or None if the calls fail."""
        groups = self.points[:, None] if one_by_one else [self.points]
        try:
            return np.concatenate([convention.results(self.function, group, self.width) for group in groups])
        except HugeResultError:
            raise
        except Exception:  # noqa: BLE001 - a function that is called wrongly can raise anything
            return None

    def _transposed(self) -> str:
        count, dimension = self.points.shape
        return (
            f"{self.name}: must take points as rows (N, D), not as columns (D, N); of {count} rows it would "
            f"mix up the first {dimension}\nuse p[..., 0] in place of p[0, :]"
        )

    def _refused(self) -> Message:
        count = self.points.shape[-1]
        function = self.function.func if isinstance(self.function, partial) else self.function
        signature = visible(str(inspect.signature(function)))
        rule = f"must take points of {count} coordinates or {count} numbers, got the arguments {signature}"
        coordinates = Message("; name the coordinates with ", Ref("vars"))
        return Message(f"{self.name}: {rule}", coordinates, ", set other arguments with ", Ref("set"))


def _argument_counts(function: Function) -> tuple[int, float]:
    """Return the number of required and the maximum number of positional arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function in C without a signature
        return 0, np.inf
    positional = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    any_number = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    required = sum(one.default is one.empty for one in positional)
    return required, np.inf if any_number else len(positional)


def _close(first: Floats, second: Floats) -> bool:
    """Return whether two arrays are equal within the tolerance, relative to the largest finite value."""
    size = float(np.max(np.abs(first[np.isfinite(first)]), initial=0.0))
    return bool(np.allclose(first, second, rtol=_TOLERANCE, atol=_TOLERANCE * size, equal_nan=True))


def _real(result: object, most: int) -> NDArray[np.generic]:
    """Return a result as an array of at most `most` real numbers, NaN for a complex number.

    Raises MisfitError.
    """
    array = np.asarray(result)
    if array.size > most:
        kind = HugeResultError if array.size > _HUGE else MisfitError
        raise kind(f"an array of shape {array.shape}")
    if array.dtype.kind == "c":
        return np.where(array.imag == 0, array.real, np.nan)
    if array.dtype.kind == "O" and array.size and not any(x is None for x in array.flat):
        array = array.astype(np.float64)
    if array.dtype.kind not in "iufb":
        what = "None; add a return" if result is None else f"an object of type {class_name(result)}"
        raise MisfitError(what)
    return array
