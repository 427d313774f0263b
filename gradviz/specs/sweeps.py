"""The figures of a sweep: one for each value of a parameter, or of a field of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradviz.errors import Ref
from gradviz.specs.problem import fault
from gradviz.specs.values import distinct_texts

if TYPE_CHECKING:
    from gradviz.specs.spec import Spec


class Still(NamedTuple):
    """One picture of a sweep."""

    spec: Spec
    label: str
    """The value of the parameter as text."""


def stills_of(spec: Spec) -> list[Still]:
    """Return a spec for each value of a sweep: it is static, and shows that value alone."""
    fields = {**spec.to_dict(), "sweep": {}, "animate": False, "fps": None}
    default = spec.traits.default_samples
    counted = any(len(spec.interval(name)) == 2 for name in spec.reading.variables)
    if spec.samples is None and not isinstance(default, int) and counted:
        fields["samples"] = default(spec)
    stills = []
    labels = distinct_texts(spec.numbers, fixed=spec.frame_rate is not None)
    for index, (number, label) in enumerate(zip(spec.numbers, labels, strict=True)):
        own: dict[str, object] = {"set": {**spec.set, str(spec.swept): number}}
        if spec.swept in spec.traits.swept_fields:
            own = {str(spec.swept): number}
        still = type(spec)(**{**fields, **own, **spec.traits.at_value(spec, index)})
        vars(still)["swept_from"] = spec  # no field: nobody asked for it
        stills.append(Still(still, label))
    return stills


def check_sweep(spec: Spec) -> None:
    """Raise SpecError for a sweep of what has a number already, or is a variable."""
    for name in spec.sweep:
        if name in spec.traits.swept_fields:
            if getattr(spec, name):
                raise fault("sweep", f"'{name}' has values by ", Ref(name), " already; use one of them")
            continue
        for other, given in (("set", spec.set), ("fix", spec.fix)):
            if name in given:
                raise fault("sweep", f"'{name}' has a number by ", Ref(other), " already; use one of them")
        if name in (spec.vars or ()) or (isinstance(spec.range, dict) and name in spec.range):
            raise fault("sweep", f"'{name}' is a variable of the picture, and no parameter")


def swept_symbol(spec: Spec) -> str:
    """Return the symbol of the swept parameter, or of the swept field, in a picture."""
    name = str(spec.swept)
    return spec.traits.swept_fields[name](spec) if name in spec.traits.swept_fields else name
