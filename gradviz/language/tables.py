"""Tables of the language of expressions: functions, constants, names and characters.

The SymPy form of each function is in `fields.functions`, its NumPy form in `fields.program`; a test compares
the three tables.
"""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

LEAK = 0.01  # slope of leaky_relu below 0, unless given
_ROOT = math.sqrt(2)


@dataclass(frozen=True)
class Function:
    """Function of the language: number of arguments, value for constants (`fold`), and help text."""

    fewest: int
    most: int | None  # None: any number
    fold: Callable[..., float]
    meaning: str

    @property
    def arity(self) -> str:
        """Return the number of arguments in words."""
        if self.most is None:
            return f"{self.fewest} or more arguments"
        count = f"{self.fewest}" if self.fewest == self.most else f"{self.fewest} or {self.most}"
        return f"{count} argument{'s' * (self.most > 1)}"


def _sign(x: float) -> float:
    return math.copysign(1.0, x) if x else 0.0


def _log(x: float, base: float = math.e) -> float:
    if base <= 0 or base == 1:
        raise ValueError
    return math.log(x) if base == math.e else math.log(x, base)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _elu(x: float, a: float = 1.0) -> float:
    return x if x > 0 else a * math.expm1(x)


def _leaky_relu(x: float, a: float = LEAK) -> float:
    return x if x > 0 else a * x


def _logsumexp(*args: float) -> float:
    largest = max(args)
    return largest + math.log(math.fsum(math.exp(x - largest) for x in args))


FUNCTIONS = {
    "abs": Function(1, 1, abs, "the absolute value"),
    "sqrt": Function(1, 1, math.sqrt, "the square root"),
    "cbrt": Function(1, 1, math.cbrt, "the real cube root"),
    "exp": Function(1, 1, math.exp, "the exponential function, e**x"),
    "log": Function(1, 2, _log, "the natural logarithm; log(x, b) to the base b"),
    "log2": Function(1, 1, math.log2, "the logarithm to the base 2"),
    "log10": Function(1, 1, math.log10, "the logarithm to the base 10"),
    "sin": Function(1, 1, math.sin, "the sine of radians"),
    "cos": Function(1, 1, math.cos, "the cosine of radians"),
    "tan": Function(1, 1, math.tan, "the tangent of radians"),
    "sec": Function(1, 1, lambda x: 1 / math.cos(x), "1/cos"),
    "csc": Function(1, 1, lambda x: 1 / math.sin(x), "1/sin"),
    "cot": Function(1, 1, lambda x: 1 / math.tan(x), "1/tan"),
    "asin": Function(1, 1, math.asin, "the inverse sine, in radians"),
    "acos": Function(1, 1, math.acos, "the inverse cosine, in radians"),
    "atan": Function(1, 1, math.atan, "the inverse tangent, in radians"),
    "atan2": Function(2, 2, math.atan2, "atan2(y, x), the angle of the point (x, y)"),
    "sinh": Function(1, 1, math.sinh, "the hyperbolic sine"),
    "cosh": Function(1, 1, math.cosh, "the hyperbolic cosine"),
    "tanh": Function(1, 1, math.tanh, "the hyperbolic tangent"),
    "asinh": Function(1, 1, math.asinh, "the inverse hyperbolic sine"),
    "acosh": Function(1, 1, math.acosh, "the inverse hyperbolic cosine"),
    "atanh": Function(1, 1, math.atanh, "the inverse hyperbolic tangent"),
    "sign": Function(1, 1, _sign, "-1, 0 or 1"),
    "floor": Function(1, 1, lambda x: float(math.floor(x)), "the largest integer <= x"),
    "ceil": Function(1, 1, lambda x: float(math.ceil(x)), "the smallest integer >= x"),
    "mod": Function(2, 2, operator.mod, "mod(a, b), the remainder with the sign of b; also a % b"),
    "min": Function(1, None, lambda *args: min(args), "the smallest argument"),
    "max": Function(1, None, lambda *args: max(args), "the largest argument"),
    "clip": Function(3, 3, lambda x, lo, hi: min(max(x, lo), hi), "clip(x, lo, hi), x limited to [lo, hi]"),
    "hypot": Function(2, 2, math.hypot, "hypot(x, y) = sqrt(x^2 + y^2)"),
    "heaviside": Function(1, 1, lambda x: (_sign(x) + 1) / 2, "0, 1/2 or 1"),
    "erf": Function(1, 1, math.erf, "the error function"),
    "relu": Function(1, 1, lambda x: max(x, 0.0), "max(x, 0)"),
    "sigmoid": Function(1, 1, _sigmoid, "1/(1 + exp(-x))"),
    "softplus": Function(1, 1, _softplus, "log(1 + exp(x))"),
    "silu": Function(1, 1, lambda x: x * _sigmoid(x), "x*sigmoid(x)"),
    "gelu": Function(1, 1, lambda x: x * math.erfc(-x / _ROOT) / 2, "x*(1 + erf(x/sqrt(2)))/2"),
    "elu": Function(1, 2, _elu, "x if x > 0, else a*(exp(x) - 1); elu(x, a), by default a = 1"),
    "leaky_relu": Function(1, 2, _leaky_relu, "x if x > 0, else a*x; leaky_relu(x, a), by default a = 0.01"),
    "sinc": Function(1, 1, lambda x: math.sin(x) / x if x else 1.0, "sin(x)/x, and 1 at 0"),
    "logsumexp": Function(1, None, _logsumexp, "log(exp(x) + exp(y) + ...), without overflow"),
}
BRANCHES = {
    "where": "where(c, a, b): a where the condition c holds, else b; also a if c else b",
    "Piecewise": "Piecewise((a, c), ..., (b, True)): the first a whose condition holds",
    "root": "root(x, n): the real n-th root, of negative numbers if n is odd",
}
"""Functions that are parsed to other operations."""
ALIASES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "Abs": "abs", "Max": "max", "Min": "min", "maximum": "max",
    "minimum": "min", "ln": "log", "ceiling": "ceil", "Mod": "mod", "ReLU": "relu", "Heaviside": "heaviside",
    "sgn": "sign", "clamp": "clip", "logistic": "sigmoid", "piecewise": "Piecewise", "nthroot": "root",
    "real_root": "root", "surd": "root", "absolute": "abs", "fabs": "abs", "ifelse": "where", "iif": "where",
    "select": "where", "swish": "silu", "SiLU": "silu", "GELU": "gelu", "ELU": "elu",
    "LeakyReLU": "leaky_relu",
    "logaddexp": "logsumexp", "lse": "logsumexp",
}  # fmt: skip
FOREIGN = {
    "cosec": "csc(x)", "cosecant": "csc(x)", "secant": "sec(x)", "cotan": "cot(x)", "cotg": "cot(x)",
    "ctg": "cot(x)", "tg": "tan(x)", "arctg": "atan(x)", "sh": "sinh(x)", "ch": "cosh(x)", "th": "tanh(x)",
    "sech": "1/cosh(x)", "csch": "1/sinh(x)", "coth": "1/tanh(x)", "acot": "atan(1/x)", "asec": "acos(1/x)",
    "acsc": "asin(1/x)", "acoth": "atanh(1/x)", "asech": "acosh(1/x)", "acsch": "asinh(1/x)",
    "arccot": "atan(1/x)", "arcsec": "acos(1/x)", "arccsc": "asin(1/x)", "arsinh": "asinh(x)",
    "arcosh": "acosh(x)", "artanh": "atanh(x)", "cosc": "",
    "square": "x**2", "sqr": "x**2", "sq": "x**2", "cube": "x**3", "pow": "x**y", "power": "x**y",
    "rsqrt": "1/sqrt(x)", "reciprocal": "1/x", "inv": "1/x",
    "exp2": "2**x", "exp10": "10**x", "expm1": "exp(x) - 1", "log1p": "log(1 + x)", "lg": "log10(x)",
    "lb": "log2(x)", "ld": "log2(x)", "logb": "log(x, y)",
    "expit": "sigmoid(x)", "logit": "log(x/(1 - x))",
    "erfc": "1 - erf(x)", "int": "floor(x)", "trunc": "sign(x)*floor(abs(x))", "fix": "sign(x)*floor(abs(x))",
    "round": "floor(x + 1/2)", "rint": "floor(x + 1/2)", "frac": "x % 1", "fract": "x % 1", "rem": "x % y",
    "remainder": "x % y", "fmod": "x % y", "modulo": "x % y", "div": "x // y", "fmax": "max(x, y)",
    "fmin": "min(x, y)", "signum": "sign(x)", "step": "heaviside(x)",
    "deg2rad": "x*pi/180", "radians": "x*pi/180", "rad2deg": "x*180/pi", "degrees": "x*180/pi",
    "arg": "atan2(y, x)", "angle": "atan2(y, x)",
    **dict.fromkeys(
        ("factorial", "binomial", "comb", "lgamma", "digamma", "erfi", "erfinv", "besselj", "airy", "sum",
         "prod", "product", "mean", "integrate", "diff", "grad", "limit", "real", "imag", "conj", "conjugate",
         "sinpi", "cospi", "gcd", "lcm", "isnan", "random", "rand", "len", "dot", "cross", "det", "atan2d",
         "eval", "exec"),
        "",
    ),
}  # fmt: skip
"""Functions of other programs and their replacements; empty if there is none."""

CONSTANTS = {"pi": math.pi, "e": math.e, "E": math.e, "tau": math.tau}
KEYWORDS = frozenset({"if", "else", "and", "or", "not", "True", "False"})
COMPARISONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ρ": "rho",
    "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma",
    "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "π": "pi",
}  # fmt: skip
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
FRACTIONS = {
    character: (above, below)
    for character in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
    for above, _, below in [unicodedata.normalize("NFKC", character).partition("⁄")]
}
SPELLINGS = {
    "**": "^", **dict.fromkeys("·×⋅∗", "*"), "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=",
}  # fmt: skip
BRACKETS = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉", "lvert": "rvert", "|": "|"}
CHARACTERS = frozenset(
    [chr(code) for code in range(32, 127)]
    + ["\t", "\n", *"√∛⌊⌋⌈⌉", *GREEK, *SUBSCRIPTS, *SUPERSCRIPTS, *FRACTIONS, *SPELLINGS]
)

_VARIABLE = re.compile(rf"(?:[A-Za-z]|{'|'.join(GREEK.values())})(?:[0-9]+|_[0-9]+|_[A-Za-z])?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")


def is_variable(name: str) -> bool:
    """Return whether a name needs no declaration: a letter or a Greek name, with or without an index."""
    return _VARIABLE.fullmatch(name) is not None and not is_reserved(name)


def is_reserved(name: str) -> bool:
    """Return whether the language itself uses a name."""
    return name in CONSTANTS or name in KEYWORDS or is_function(name)


def is_function(name: str) -> bool:
    """Return whether a name is that of a function, in one of its spellings."""
    return ALIASES.get(name, name) in FUNCTIONS or ALIASES.get(name, name) in BRANCHES


def is_name(name: str) -> bool:
    """Return whether a text is spelled like a name: letters, digits and single underscores inside."""
    return _NAME.fullmatch(name) is not None


def natural_order(name: str) -> tuple[tuple[str, int], ...]:
    """Return a sort key that compares numbers in names by value: x2 before x10."""
    return tuple((word, int(digits or -1)) for word, digits in re.findall(r"([^0-9]+)([0-9]*)", name))
