"""Tables of LaTeX: the commands that stand for names, operators and brackets of the language."""

from __future__ import annotations

from gradviz.language import tables

MARKS = {
    **dict.fromkeys(("cdot", "times", "ast", "star", "bullet"), "*"), "div": "/",
    **dict.fromkeys(("le", "leq", "leqslant"), "<="), **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="), "lt": "<", "gt": ">", "coloneqq": ":=",
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), "frac"), "sqrt": "√",
    **dict.fromkeys(("{", "lbrace", "lbrack", "lparen"), "("),
    **dict.fromkeys(("}", "rbrace", "rbrack", "rparen"), ")"),
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lvert": "lvert", "rvert": "rvert", "vert": "|",
}  # fmt: skip
"""Commands that are operators or brackets, and the marks that they stand for."""

WORDS = {
    "land": "and", "wedge": "and", "lor": "or", "vee": "or", "lnot": "not", "neg": "not", "bmod": "mod",
    "mod": "mod", "varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "varrho": "rho",
    "varsigma": "sigma", "lg": "log10", "tg": "tan", "ctg": "cot", "arctg": "atan", "sh": "sinh",
    "ch": "cosh", "th": "tanh",
}  # fmt: skip
"""Commands that are names of the language in another spelling."""

BLANKS = frozenset({
    ",", ";", ":", "!", " ", ">", "(", ")", "[", "]", "quad", "qquad", "thinspace", "left", "right", "middle",
    "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr",
    "displaystyle", "textstyle", "limits", "nolimits",
})  # fmt: skip
"""Commands without a meaning for the value: spaces, sizes of brackets, and delimiters of formulas."""


def word(command: str) -> str:
    """Return the name that a command without its backslash stands for, an empty text for no name."""
    known = WORDS.get(command, command)
    return known if tables.is_reserved(known) or known in tables.GREEK.values() or known == "mod" else ""


def is_tex(text: str) -> bool:
    """Return whether a text is LaTeX: one with a command, an index or exponent in braces, or in $ $."""
    ends = text.strip()
    return any(sign in text for sign in ("\\", "^{", "_{")) or (len(ends) > 2 and ends[0] == ends[-1] == "$")
