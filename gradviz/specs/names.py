"""The names of a spec: which of them are variables of the figure, in which order, and with which partner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from gradviz import limits
from gradviz.errors import ExpressionError, Message, Ref, RequestError, SpecError, listed
from gradviz.language.equations import (
    difference,
    has_equations,
    names_of,
    parse_equations,
    parse_functions,
    read_constraints,
)
from gradviz.language.parser import parse
from gradviz.language.reading import (
    Expression,
    FunctionOfFile,
    coordinates_of,
    is_function_of_file,
    read,
    read_function,
    separated,
)
from gradviz.language.tables import natural_order
from gradviz.language.tree import Op
from gradviz.specs.problem import fault
from gradviz.specs.sweeps import check_sweep
from gradviz.specs.values import ALL

if TYPE_CHECKING:
    from gradviz.specs.spec import Spec

_PARTNERS = {"x0": "x1", "x1": "x0", "y": "x"}
_CONSTRAINT, _CONSTRAINED = "constraint", ("contour", "surface")  # a field, and the kinds that have it
_OF_EQUATIONS = ("contour",)  # kinds that draw equations as curves
_OF_FUNCTIONS = ("tangent",)  # kinds that draw several functions
_NO_FORMULA = Message("the function has no formula, so its gradient is by adaptive differences")


def read_expression(spec: Spec) -> Expression | FunctionOfFile:
    """Return the expression of a spec with its tree, and as many free variables as the kind shows."""
    if is_function_of_file(spec.expression):
        return _function_of_file(spec)
    numbers = {**spec.parameters, **spec.fix}
    in_constraints = _names_of_constraints(spec)
    ranged = [*ranged_names(spec), *(name for name in in_constraints if name not in numbers)]
    is_system = spec.kind in _OF_EQUATIONS and has_equations(spec.expression)
    are_several = spec.kind in _OF_FUNCTIONS and len(separated(spec.expression)) > 1
    try:
        first = read(
            spec.expression,
            variables=spec.vars,
            parameters=numbers,
            elsewhere=in_constraints,
            declared=ranged,
            where=spec.where,
            rule=parse_equations if is_system else parse_functions if are_several else parse,
        )
    except ExpressionError as error:
        if error.text == spec.where != spec.expression:
            raise fault("where", str(error)) from None
        raise
    if is_system and isinstance(first.tree, Op):
        first = replace(first, tree=difference(first.tree.args[0]), equations=first.tree.args)
    elif are_several and isinstance(first.tree, Op):
        first = replace(first, tree=first.tree.args[0], equations=first.tree.args)
    shown = [*first.variables, *(name for name in ranged if name not in first.variables)]
    _refuse_too_many(spec, shown)
    return replace(first, variables=tuple(_with_partners(spec, shown)))


def dimension_of(spec: Spec) -> int:
    """Return the number of variables that a figure shows, at least."""
    own = spec.traits.own_dimension
    return spec.traits.dimension if own is None else own(spec)


def constraints_of(spec: Spec) -> tuple[Expression, ...]:
    """Return the constraints of a figure as differences of both sides. Raises SpecError."""
    reading = spec.reading
    with _at_constraint():
        return read_constraints(_constraints(spec), reading.variables, reading.parameters)


def _constraints(spec: Spec) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(spec, _CONSTRAINT) if spec.kind in _CONSTRAINED else ()
    return found


def _names_of_constraints(spec: Spec) -> list[str]:
    """Return the names in constraints."""
    known = (*spec.parameters, *spec.fix, *(spec.vars or ()), *ranged_names(spec))
    with _at_constraint():
        return names_of(_constraints(spec), known)


@contextmanager
def _at_constraint() -> Iterator[None]:
    """Name the field of constraints in errors of their texts."""
    try:
        yield
    except ExpressionError as error:
        raise SpecError([((_CONSTRAINT,), error.message)]) from None


def ranged_names(spec: Spec) -> list[str]:
    """Return the names that have a range of their own."""
    return [name for name in spec.range if name != ALL] if isinstance(spec.range, dict) else []


def partner_warnings(spec: Spec) -> Iterator[Message]:
    """Yield warnings of variables that nobody typed, and of a function without a formula."""
    if isinstance(spec.reading, FunctionOfFile):
        if spec.method == "exact":
            yield _NO_FORMULA
        return
    typed = {*spec.reading.names, *(spec.vars or ()), *ranged_names(spec)}
    shown = spec.reading.variables
    alone = [name for name in shown if name in typed]
    if dimension_of(spec) > 1 and len(alone) < len(shown):
        what = f"the expression has one variable, {alone[0]}" if alone else "the expression is a constant"
        yield Message(f"{what}; drawn over {' and '.join(shown)}")


def check_names(spec: Spec) -> None:
    """Raise SpecError for a name that has two meanings."""
    ranged = ranged_names(spec)
    for name in spec.fix:
        if name in spec.set:
            both = Message(Ref("set"), " and by ", Ref("fix"))
            raise fault("fix", f"'{name}' is given by ", both, "; use one of them")
    for name in ranged:
        if name in spec.set or name in spec.fix:
            raise fault("range", f"'{name}' has a number already, so its range has no meaning")
    check_sweep(spec)


def _function_of_file(spec: Spec) -> FunctionOfFile:
    """Return a function whose variables are those named by the options, and x0, x1, ... for the rest."""
    names = _coordinate_names(spec)
    found = read_function(
        spec.expression, coordinates=names, parameters=spec.parameters, held=spec.fix, where=spec.where
    )
    for name in ranged_names(spec):
        if name not in names:
            raise fault("range", f"'{name}' is not among the variables {listed(names)}")
    _refuse_too_many(spec, list(found.variables))
    dimension = dimension_of(spec)
    if len(found.variables) < dimension:
        raise RequestError(
            f"a {spec.kind} figure shows {dimension} variables, not {len(found.variables)}: "
            f"{listed(found.variables) or 'all have a number'}; name them with ",
            Ref("vars"),
        )
    return found


def _coordinate_names(spec: Spec) -> Sequence[str]:
    """Return the names of the coordinates of a point of a function of a file."""
    if spec.vars:
        return spec.vars
    if own := spec.traits.coordinates(spec):
        return own
    dimension, count = dimension_of(spec), spec.traits.coordinate_count
    known = ranged_names(spec) or (["x"] if dimension == 1 and not spec.fix else [])
    known = _with_partners(spec, known) if known else []
    return coordinates_of(known, spec.fix, dimension if count is None else count(spec))


def _refuse_too_many(spec: Spec, shown: list[str]) -> None:
    most = spec.traits.max_variables or spec.traits.dimension
    held = shown[most:]
    if not held:
        return
    pairs = ("\nor draw all pairs of them: ", Ref("kind", "pairs"))
    count = "one variable" if most == 1 else f"{most} variables"
    raise RequestError(
        f"a {spec.kind} figure shows {count}, not {len(shown):,} ({listed(shown)}); hold some: ",
        Ref("fix", dict.fromkeys(held[: limits.VARIABLES], 0)),
        *(pairs if len(shown) <= limits.PAIRED_VARIABLES else ()),
    )


def _with_partners(spec: Spec, shown: list[str]) -> list[str]:
    """Add the natural partners of the variables: x1 beside x0, x beside y, else y."""
    while len(shown) < dimension_of(spec):
        natural = _PARTNERS.get(shown[0], "y") if shown else "x"
        if natural in spec.sweep:
            problem = f"'{natural}' is a variable of the picture; without it too few are left"
            raise fault("sweep", problem)
        taken = {*shown, *spec.parameters, *spec.fix}
        shown = [*shown, next(name for name in (natural, *"yxztuvw") if name not in taken)]
    return shown if spec.vars is not None else sorted(shown, key=natural_order)
