"""Names in scripts, the printer of NumPy source with these names, and the domains of trees."""

from __future__ import annotations

import builtins
import keyword

from gradviz.language.tree import Node, Num, Op, walk
from gradviz.optimizers import OPTIMIZERS
from gradviz.printing.numpy_source import NumpySource

_OWN = """
    np plt math Path ListedColormap FuncNorm MaxNLocator f p g value derivative gradient exact_gradient
    hessian inside erf sigmoid step second right left points values vectors sizes arrows units looks doubtful
    rows columns change axis steps guided shown some there heights low high fractions exact floors errors
    slopes median greatest found levels places norm cmap colors drawn bar fig ax panels loss paths path label
    color dashes name names at start end slope lengths
    cut leave_out to_edge in_box guide on_surface masked fine finer cuts0 cuts1 fine_cuts0 fine_cuts1 finer_cuts0
    finer_cuts1 fine_values finer_values fine_vectors finer_vectors fine_sizes finer_sizes guided fine_guided
    finer_guided left_out unreliable places plane faces to_rgba z known gaps even lines handles u v cmap2 cmap3
    shades texts labels labelled withStroke LinearSegmentedColormap axis number panels paths line behind hidden
    inner one each first
"""
TAKEN = frozenset((*_OWN.split(), *OPTIMIZERS))
"""Names that scripts use themselves, which no variable may have."""

_TOTAL = """
    add mul neg sin cos atan atan2 tanh asinh abs sign floor ceil min max clip hypot heaviside erf relu
    softplus cbrt where lt le gt ge eq ne and or not true false
"""  # operations that are defined everywhere
# Operations without an edge of their domain, and operations that can map infinity to a number.
_OVERFLOWING = "exp sinh cosh tan sec csc cot sigmoid"
_BOUNDED = "where min max clip relu atan tanh sign heaviside erf sigmoid reciprocal"


def identifier(name: str) -> str:
    """Return the identifier of a variable in a script: lambda_ for lambda, f_ for f.

    Names of the language never end in an underscore, so identifiers are distinct.
    """
    reserved = name in TAKEN or keyword.iskeyword(name) or keyword.issoftkeyword(name)
    return f"{name}_" if reserved or hasattr(builtins, name) else name


SOURCE = NumpySource(identifier)


def is_total(tree: Node) -> bool:
    """Return whether a tree is defined everywhere, judged by its operations."""
    return not _partial(tree)


def has_edge(tree: Node) -> bool:
    """Return whether the domain of a tree may have an edge."""
    return any(node.name not in _OVERFLOWING.split() for node in _partial(tree))


def may_warn(tree: Node) -> bool:
    """Return whether NumPy may warn of a part of a tree although the value of the tree is finite."""
    bounded = _BOUNDED.split()
    return any(isinstance(node, Op) and node.name in bounded and _partial(node) for node in walk(tree))


def _partial(tree: Node) -> list[Op]:
    """Return the operations in a tree that may be undefined, or overflow."""
    operations = (node for node in walk(tree) if isinstance(node, Op))
    return [node for node in operations if node.name not in _TOTAL.split() and not _is_polynomial(node)]


def _is_polynomial(node: Op) -> bool:
    """Return whether a node is a power with an integer exponent from 0 to 16."""
    exponent = node.args[-1] if node.name == "power" else None
    return isinstance(exponent, Num) and exponent.value.is_integer() and 0 <= exponent.value <= 16
