"""Expressions with their tree, the order of their variables and the values of their parameters."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from gradviz.errors import ExpressionError, Message, Ref, RequestError, did_you_mean, listed, shown, visible
from gradviz.language import tables
from gradviz.language.constants import fold
from gradviz.language.parser import KEPT, arguments, parse, parse_region
from gradviz.language.tokens import plain_text, tokenize
from gradviz.language.tree import Node, Num, Var, signature
from gradviz.language.tree import variables as variables_of
from gradviz.limits import NAME_CHARACTERS, VARIABLES

_SEMICOLON = re.compile("[;\uff1b\u037e]")  # with the two characters that Unicode (NFKC) takes for one
_INDEXED = re.compile(r"\A([A-Za-z]+)(?:\[|_\{)([0-9]+)[\]}]\Z")
_FUNCTION_OF_A_FILE = re.compile(r"[^\n]*\.py:[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Region:
    """Region in which a function is evaluated: the text of a condition, and its tree."""

    text: str
    tree: Node


@dataclass(frozen=True)
class Expression:
    """Parsed expression; `variables` are the free ones, in the order of the coordinates."""

    text: str
    tree: Node
    variables: tuple[str, ...]
    parameters: Mapping[str, float] = field(default_factory=dict)
    region: Region | None = None
    equations: tuple[Node, ...] = ()
    """The operations `eq` of curves; `tree` is then the difference of both sides of the first one.

    Of several functions of one variable they are the trees, the first of which is `tree`.
    """

    @property
    def body(self) -> str:
        """The text without `y =`, `f(x, y) =` or `lambda x, y:` before it."""
        return self.text[self.tree.start :]

    @property
    def key(self) -> dict[str, object]:
        """Plain data that are equal for equal functions, however they were typed."""
        return {
            "tree": signature(self.tree),
            "variables": self.variables,
            "parameters": dict(self.parameters),
            "region": signature(self.region.tree) if self.region else None,
        }

    @property
    def names(self) -> frozenset[str]:
        """The variables and parameters that occur, in the expression or in its region."""
        trees = [self.tree, *self.equations, *([self.region.tree] if self.region else [])]
        return frozenset(node.name for tree in trees for node in variables_of(tree))


@dataclass(frozen=True)
class FunctionOfFile:
    """Python function named by `FILE.py:NAME`, which has not been read; `held` has fixed coordinates."""

    text: str
    coordinates: tuple[str, ...]
    held: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    region: Region | None = None
    equations: tuple[Node, ...] = ()
    """Equations, of which a function of a file has none."""

    @property
    def body(self) -> str:
        """The text."""
        return self.text

    @property
    def variables(self) -> tuple[str, ...]:
        """The free coordinates, in order."""
        return tuple(name for name in self.coordinates if name not in self.held)

    @property
    def names(self) -> frozenset[str]:
        """The names of its arguments."""
        return frozenset((*self.coordinates, *self.parameters))


def read(
    text: str,
    *,
    variables: Sequence[str] | None = None,
    parameters: Mapping[str, float] | None = None,
    declared: Iterable[str] = (),
    where: str | None = None,
    rule: Callable[[str, Iterable[str]], Node] = parse,
    elsewhere: Sequence[str] = (),
) -> Expression:
    """Parse an expression and order its variables.

    `variables` declares names and their order, including names that do not occur; by default they are the
    names that occur, in natural order (x2 before x10). `parameters` maps names to values. `declared` allows
    further names. `where` is a condition, or a number that is not 0 inside the region; its variables need not
    occur in the expression. `rule` parses the text; parameters named in `elsewhere` need not occur in it.
    Raises ExpressionError, and RequestError for invalid names.
    """
    if is_function_of_file(text):
        raise RequestError(f"expected an expression, got the Python function '{visible(text)}'")
    parameters = _checked(parameters)
    declared = tuple(map(check_name, declared))
    variables = None if variables is None else _distinct(variables)
    allowed = (*(variables or ()), *parameters, *declared)
    tree = rule(text, allowed)
    region = None if where is None else Region(where, parse_region(where, allowed))
    declared = frozenset(allowed)
    places = {name: (text, node) for name, node in _occurrences(rule, text, declared).items()}
    if where is not None:
        within = _occurrences(parse_region, where, declared)
        places = {name: (where, node) for name, node in within.items()} | places
    for name in parameters:
        if name not in places and name not in elsewhere:
            hint = did_you_mean(name, places) or f"the names in it are: {listed(places) or 'none'}"
            raise RequestError(f"'{name}' does not occur in the expression; {hint}")
    free = [name for name in places if name not in parameters]
    if variables is None and rule is parse and (named := arguments(text, declared)) is not None:
        variables = _distinct(_coordinates(named, free))
    elif variables is None:
        variables = sorted(free, key=tables.natural_order)
    for name in free:
        if name not in variables:
            typed_in, node = places[name]
            problem = f"'{name}' is not among the variables {listed(variables)}"
            hint = Message("add it to ", Ref("vars"), ", or ", Ref("set", {name: 1}))
            raise ExpressionError(problem, typed_in, node.start, node.stop, hint)
    variables = tuple(name for name in variables if name not in parameters)
    if len(variables) > VARIABLES:
        raise RequestError(f"an expression must have at most {VARIABLES} variables, got {len(variables)}")
    return Expression(text, tree, variables, parameters, region)


def _coordinates(names: Sequence[str], free: Sequence[str]) -> list[str]:
    """Return the coordinates of arguments: x0 and x1 for the argument x of `lambda x: x[0]*x[1]`."""
    found: list[str] = []
    for name in names:
        indexed = [each for each in free if each.startswith(name) and each[len(name) :].isdigit()]
        is_vector = bool(indexed) and name not in free
        found += sorted(indexed, key=tables.natural_order) if is_vector else [name]
    return found


@lru_cache(maxsize=KEPT)
def _occurrences(
    parse: Callable[[str, Iterable[str]], Node], text: str, declared: frozenset[str]
) -> dict[str, Var]:
    """Return the names in a text, each with its last occurrence."""
    return {node.name: node for node in variables_of(parse(text, declared))}


def is_function_of_file(text: str) -> bool:
    """Return whether a text names a Python function, `FILE.py:NAME`."""
    return _FUNCTION_OF_A_FILE.fullmatch(text) is not None


def read_function(
    text: str,
    *,
    coordinates: Sequence[str],
    parameters: Mapping[str, float] | None = None,
    held: Mapping[str, float] | None = None,
    where: str | None = None,
) -> FunctionOfFile:
    """Return the function named by `FILE.py:NAME`; `held` and `parameters` are values of its arguments."""
    coordinates = _distinct(coordinates)
    if len(coordinates) > VARIABLES:
        raise RequestError(f"a function must have at most {VARIABLES} variables, got {len(coordinates)}")
    held = _checked(held)
    for name in held:
        if name not in coordinates:
            raise RequestError(
                f"'{name}' is not among the variables {listed(coordinates)}; see ", Ref("vars")
            )
    parameters = _checked(parameters)
    region = None
    if where is not None:
        region = Region(where, parse_region(where, (*coordinates, *parameters)))
        for node in variables_of(region.tree):
            if node.name not in coordinates and node.name not in parameters:
                problem = f"'{node.name}' is not among the variables {listed(coordinates)}"
                hint = Message(Ref("vars"), " gives them other names")
                raise ExpressionError(problem, where, node.start, node.stop, hint)
    return FunctionOfFile(text, coordinates, held, parameters, region)


def _distinct(variables: Sequence[str]) -> tuple[str, ...]:
    """Return names as expressions spell them. Raises RequestError if one is no name or occurs twice."""
    names = tuple(map(check_name, variables))
    if len(set(names)) < len(names):
        raise RequestError(f"variables must be distinct, got {listed(names)}")
    return names


def _checked(values: Mapping[str, float] | None) -> dict[str, float]:
    """Return values by name. Raises RequestError for an invalid name or a value that is not finite."""
    return {check_name(name): _finite(name, value) for name, value in (values or {}).items()}


def coordinates_of(known: Sequence[str], held: Iterable[str], free: int) -> list[str]:
    """Return names for the coordinates of a function, `free` of them free: known ones, then x0, x1, ..."""
    names = list(dict.fromkeys((*known, *held)))
    unused = (name for name in (f"x{place}" for place in range(2 * VARIABLES)) if name not in names)
    names += itertools.islice(unused, max(0, free + len(set(held)) - len(names)))
    return sorted(names, key=tables.natural_order)


def read_claim(text: str, function: Expression | FunctionOfFile) -> tuple[Expression, ...]:
    """Parse a claimed gradient: one expression for each variable of a function, separated by commas."""
    variables, parameters = function.variables, function.parameters
    try:
        trees = _claimed(text, variables, parameters)
    except ExpressionError as error:
        problem = f"in the claim: {error.problem}"
        raise ExpressionError(problem, text, error.start, error.stop, error.hint) from None
    if len(trees) != len(variables):
        raise RequestError(
            f"the claim must have one expression for each of the variables {', '.join(variables)}, "
            f"got {len(trees)}\nseparate expressions by commas"
        )
    return tuple(Expression(text, tree, variables, parameters) for tree in trees)


def _claimed(text: str, variables: Sequence[str], parameters: Iterable[str]) -> list[Node]:
    """Return the tree of each expression of a claim."""
    known, trees = (*variables, *parameters), []
    for start, stop in _split(text):
        padded = " " * start + text[start:stop]  # positions are those in the whole text
        tree = parse(padded, known, headed=False)
        for node in variables_of(tree):
            if node.name not in known:
                problem = f"'{node.name}' is not among the function's variables, {', '.join(variables)}"
                raise ExpressionError(problem, text, node.start, node.stop)
        trees.append(tree)
    return trees


def _split(text: str) -> list[tuple[int, int]]:
    """Return start and stop of the parts of a text between commas outside of parentheses."""
    places, start, empty, depth = [], 0, True, 0
    for token in tokenize(text):
        if token.kind == "end" or (token.text == "," and depth == 0):
            if empty:
                problem = "an expression is missing"
                raise ExpressionError(problem, text, token.start, token.stop, "before this")
            places.append((start, min(token.start, len(text))))
            start, empty = token.stop, True
        else:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            empty = False
    return places


def separated(text: str) -> tuple[str, ...]:
    """Return the parts of a text between semicolons, without blanks around them.

    Raises ExpressionError, which names the place in the whole text, for an empty part.
    """
    parts: list[str] = []
    start = 0
    for stop in [*(match.start() for match in _SEMICOLON.finditer(text)), len(text)]:
        part = text[start:stop]
        if not part.strip() and (parts or stop < len(text)):
            at = stop if stop < len(text) else start - 1
            raise ExpressionError("an expression is missing", text, at, at + 1, "remove this semicolon")
        parts.append(part.strip())
        start = stop + 1
    return tuple(parts)


def number(text: str) -> float:
    """Return the value of a constant expression such as `2pi` or `1/3`. Raises ExpressionError."""
    folded = fold(parse(text, headed=False), text)
    if not isinstance(folded, Num):
        raise ExpressionError("expected a constant", text, folded.start, folded.stop)
    return folded.value


def _finite(name: str, value: object) -> float:
    if isinstance(value, (int, float)):
        with contextlib.suppress(OverflowError):
            if math.isfinite(value):
                return float(value)
    raise RequestError(f"'{visible(name)}' must be a finite number, got {shown(value)}")


def check_name(name: str) -> str:
    """Return a declared name as expressions spell it: theta for θ, x0 for x[0]. Raises RequestError."""
    name = "".join(tables.GREEK.get(c) or tables.SUBSCRIPTS.get(c, c) for c in plain_text(name))
    name = _INDEXED.sub(r"\1\2", name)
    if not tables.is_name(name) or len(name) > NAME_CHARACTERS:
        rule = f"use letters, digits and single underscores, at most {NAME_CHARACTERS} characters"
        raise RequestError(f"'{visible(name)}' is not a name; {rule}")
    if tables.is_reserved(name):
        raise RequestError(f"'{name}' is reserved in expressions; use another name")
    return name
