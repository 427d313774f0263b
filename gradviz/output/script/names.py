"""Names in scripts, and the printer of NumPy source with these names."""

from __future__ import annotations

import builtins
import keyword

from gradviz.optimizers import OPTIMIZERS
from gradviz.printing.numpy_source import NumpySource

_OWN = """
    np plt math Path ListedColormap LinearSegmentedColormap FuncNorm MaxNLocator withStroke to_rgba f p
    g value derivative gradient hessian inside masked erf sigmoid step second right left points fine
    finer some z known values fine_values finer_values vectors fine_vectors finer_vectors sizes
    fine_sizes finer_sizes guided fine_guided finer_guided cuts0 cuts1 fine_cuts0 fine_cuts1 finer_cuts0
    finer_cuts1 cut leave_out to_edge in_box guide on_surface left_out unreliable arrows units looks
    lengths low high u v levels places steps norm cmap cmap2 cmap3 shades colors drawn bar texts labels
    labelled at handles fig ax axis first panels paths path hidden line behind inner name number one
    each color dashes plane faces even slopes slope gaps lines end
"""
TAKEN = frozenset((*_OWN.split(), *OPTIMIZERS))
"""Names that scripts use themselves, which no variable may have."""


def identifier(name: str) -> str:
    """Return the identifier of a variable in a script: lambda_ for lambda, f_ for f.

    Names of the language never end in an underscore, so identifiers are distinct.
    """
    reserved = name in TAKEN or keyword.iskeyword(name) or keyword.issoftkeyword(name)
    return f"{name}_" if reserved or hasattr(builtins, name) else name


SOURCE = NumpySource(identifier)
