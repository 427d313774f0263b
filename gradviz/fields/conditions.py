"""Conditions on series: True or False if that holds on a neighbourhood of the box, None if undecided."""

from __future__ import annotations

from collections.abc import Callable

from gradviz.fields.series import Defect, Ring, Series


def compared(
    *, before: bool = False, equal: bool = False, after: bool = False
) -> Callable[[Ring, Series, Series], bool | None]:
    """Return a comparison, given its truth where a < b, a = b and a > b."""

    def compare(_: Ring, a: Series, b: Series) -> bool | None:
        if Defect.EMPTY in (a.defect, b.defect):  # NaN, which NumPy compares as different
            return before and after
        if max(a.defect, b.defect) >= Defect.JUMP:  # what holds on the box may not hold around it
            return None
        if a.value < b.value or a.value > b.value:
            return before if a.value < b.value else after
        if before == after and before == equal:
            return equal
        if a.coefficients is b.coefficients:  # of one function: the larger argument of max is its value
            return equal
        same = a.value.is_exact() and b.value.is_exact() and a.value == b.value
        return equal if same and a.is_constant and b.is_constant else None

    return compare


def conjunction(_: Ring, *conditions: bool | None) -> bool | None:
    """Return whether all conditions hold."""
    return False if False in conditions else None if None in conditions else True


def disjunction(_: Ring, *conditions: bool | None) -> bool | None:
    """Return whether a condition holds."""
    return True if True in conditions else None if None in conditions else False
