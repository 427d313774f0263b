"""How a Python function takes points: found out by trying it on few of them.

A function may take points (N, D) as rows, D arrays, one vector (D,), or D numbers. What it gives for a point
must not depend on the other points: one that confuses rows and columns does, and is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.errors import RequestError, visible

Function = Callable[..., Any]
Call = Callable[[Function, Floats], Any]
_SAME = 1e-6  # relative: a function may compute in single precision


class MisfitError(ValueError):
    """What a function gave has not the shape of one result a point."""


@dataclass(frozen=True)
class Form:
    """A way to call a function with points (N, D)."""

    told: str
    """What the function takes, in words."""
    call: Call
    one: Call | None = None
    """The call with one point (D,), for a form that takes one at a time."""
    coordinates_first: bool = False
    """Whether vectors come as D arrays (N,)."""

    def results(self, function: Function, points: Floats, width: int | None) -> Floats:
        """Return the results (N,), or (N, width), at points (N, D), which are handed over as a copy.

        Raises MisfitError for results of another shape, or that are no numbers. A complex number is NaN.
        """
        wanted = (len(points),) if width is None else (len(points), width)
        given = self.call(function, points.copy())
        if self.coordinates_first and width is not None:
            given = np.stack(np.broadcast_arrays(*given), axis=-1)
        found = _real(given)
        if found.shape == (len(points), 1) and width is None:
            found = found[:, 0]
        if found.shape != wanted and found.shape not in ((), wanted[1:]):
            raise MisfitError(f"an array of shape {found.shape}")
        return np.broadcast_to(found, wanted).astype(np.float64)


def _columns(points: Floats) -> list[Floats]:
    return [np.ascontiguousarray(column) for column in points.T]


def _each(one: Call) -> Call:
    """Return the call for all points: NaN for one where Python's own mathematics says it is undefined."""

    def call(function: Function, points: Floats) -> list[Any]:
        found: list[Any] = []
        for point in points:
            try:
                found.append(_one(one(function, point)))
            except MisfitError:
                raise
            except (ArithmeticError, ValueError):
                found.append(None)
        like = next((np.shape(result) for result in found if result is not None), ())
        return [np.full(like, np.nan) if result is None else result for result in found]

    return call


def _one(result: Any) -> Any:
    """Return the result for one point: an array of one number counts as the number."""
    found = _real(result)
    return found.reshape(()) if found.size == 1 else found


ARRAYS = Form("one array for each coordinate", lambda f, p: f(*_columns(p)), coordinates_first=True)
POINTS = Form("points as rows (N, D)", lambda f, p: f(p))
COLUMNS = Form("points as columns (D, N)", lambda f, p: f(np.ascontiguousarray(p.T)), coordinates_first=True)


def _numbers(function: Function, point: Floats) -> Any:
    return function(*point.tolist())


def _vector(function: Function, point: Floats) -> Any:
    return function(point)


NUMBERS = Form("one number for each coordinate", _each(_numbers), one=_numbers)
VECTORS = Form("one point", _each(_vector), one=_vector)


@dataclass(frozen=True)
class Trial:
    """A function tried at points (K, D), K other than D: one number a point, or `width` of them."""

    function: Function
    points: Floats
    name: str
    width: int | None = None

    def form(self) -> Form:
        """Return how the function takes points.

        Raises RequestError if it takes none of the forms, or gives other values for a point alone than among
        others; and what the function raises.
        """
        fault: Exception | None = None
        for whole, single in self._candidates():
            try:
                return self._chosen(whole, single)
            except RequestError:
                raise
            except Exception as error:  # noqa: BLE001 - a function that is called wrongly may raise anything
                told_more = isinstance(error, IndexError)  # than what came of a number in place of a point
                fault = error if fault is None or told_more else fault
        if isinstance(fault, MisfitError):
            raise RequestError(self._misfit(fault))
        if isinstance(fault, IndexError):
            count = self.points.shape[-1]
            many = f"{count} coordinate{'s' * (count != 1)}"
            hint = f"{fault}; its points have {many}, --vars or --fix names more"
            raise IndexError(hint).with_traceback(fault.__traceback__)
        raise fault or RequestError(self._refused())

    def _candidates(self) -> list[tuple[Form, Form]]:
        """Return the forms that the arguments allow, each for all points and for one by one."""
        (least, most), dimension = _arguments(self.function), self.points.shape[-1]
        found = []
        if least <= dimension <= most and (dimension == 1 or least != 1):
            found.append((ARRAYS, NUMBERS))
        if least <= 1 <= most:
            found.append((POINTS, VECTORS))
        return found

    def _chosen(self, whole: Form, single: Form) -> Form:
        """Return the form for all points if it gives what single points do, else that for single points."""
        together, alone = self._attempt(whole), self._attempt(whole, one_by_one=True)
        if together is not None and alone is not None:
            if _same(together, alone):
                return whole
            if np.unique(together[~np.isnan(together)]).size > 1:  # else it is one number of all, as a sum is
                raise RequestError(self._mixed())
        try:
            each = single.results(self.function, self.points, self.width)
            if np.isnan(each).all() and single.one is not None:
                single.one(self.function, self.points[0].copy())  # a fault everywhere is raised, and no gap
        except Exception:
            columns, in_rows = self._attempt(COLUMNS), self._attempt(COLUMNS, one_by_one=True)
            if whole is POINTS and columns is not None and in_rows is not None and _same(columns, in_rows):
                raise RequestError(self._transposed()) from None
            raise
        return single

    def _attempt(self, form: Form, *, one_by_one: bool = False) -> Floats | None:
        """Return the results at the points, or None for a function that does not take them so."""
        groups = self.points[:, None] if one_by_one else [self.points]
        try:
            return np.concatenate([form.results(self.function, group, self.width) for group in groups])
        except Exception:  # noqa: BLE001 - then it does not, which is no fault
            return None

    def _mixed(self) -> str:
        return (
            f"{self.name} mixes points up, or is random: a point alone has another value than "
            "the same point among others\nwrite it for points as rows: p[..., 0] and p[..., 1] are their "
            "coordinates, and a sum over them has axis=-1"
        )

    def _transposed(self) -> str:
        count, dimension = self.points.shape
        return (
            f"{self.name} takes points as columns, (D, N): of {count} points as rows it would mix up the "
            f"first {dimension}\nwrite p[..., 0] in place of p[0, :]: the last axis holds the coordinates"
        )

    def _misfit(self, fault: MisfitError) -> str:
        wanted = "one number" if self.width is None else f"{self.width} numbers"
        given = visible(str(fault), 120)
        return f"{self.name} must give {wanted} for each point; for {len(self.points)} points it gave {given}"

    def _refused(self) -> str:
        count = self.points.shape[-1]
        function = self.function.func if isinstance(self.function, partial) else self.function
        return (
            f"{self.name} takes neither points of {count} coordinates nor {count} numbers: its arguments are "
            f"{visible(str(inspect.signature(function)))}; --vars names the coordinates, --set gives "
            "numbers to other arguments"
        )


def _arguments(function: Function) -> tuple[int, float]:
    """Return how many arguments by place a function needs, and may have."""
    try:
        given = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function in C that does not tell
        return 0, np.inf
    by_place = [one for one in given if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    any_number = any(one.kind is one.VAR_POSITIONAL for one in given)
    return sum(one.default is one.empty for one in by_place), np.inf if any_number else len(by_place)


def _same(first: Floats, second: Floats) -> bool:
    size = float(np.max(np.abs(first[np.isfinite(first)]), initial=0.0))
    return bool(np.allclose(first, second, rtol=_SAME, atol=_SAME * size, equal_nan=True))


def _real(result: Any) -> NDArray[Any]:
    """Return a result as an array of real numbers."""
    found = np.asarray(result)
    if found.dtype.kind == "c":
        return np.where(found.imag == 0, found.real, np.nan)
    if found.dtype.kind == "O" and found.size and not any(x is None for x in found.flat):
        found = found.astype(np.float64)
    if found.dtype.kind not in "iufb":
        what = "nothing; is a return missing?" if result is None else f"{type(result).__name__}, no number"
        raise MisfitError(what)
    return found
