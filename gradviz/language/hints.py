"""Ways out of errors of expressions: what to type instead, so that it gives the picture that was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gradviz.errors import Message, Ref, did_you_mean
from gradviz.language import tables

if TYPE_CHECKING:
    from gradviz.language.tokens import Token

_ELEMENT = r"(?<![A-Za-z0-9_.])[A-Za-z](?![A-Za-z0-9_(])"  # a variable without an index
_LONGEST = 100  # characters of text to type that a hint shows
_COORDINATES = frozenset("xyztuvwrs")  # letters that are variables in a product without '*', such as xy
_PIECE = "|".join((*sorted(tables.GREEK.values(), key=len, reverse=True), "[A-Za-z](?:_[0-9]+)?", "[0-9]+"))
_INVERSES = {
    **{name: f"a{name}({{}})" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "sec": "acos(1/({}))", "csc": "asin(1/({}))", "cot": "atan(1/({}))", "exp": "log({})", "log": "exp({})",
    "ln": "exp({})", "sqrt": "({})^2",
}  # fmt: skip
_REDUCTIONS = {"sum": " + ", "mean": " + ", "average": " + ", "prod": "*", "product": "*", "norm": " + "}
"""Functions of the elements of a vector, and the operator between the elements."""
_GREEK_FUNCTIONS = {"sigma": "sigmoid({})", "Theta": "heaviside({})", "Phi": "(1 + erf(({})/sqrt(2)))/2"}
_HUGE = "write 1e300 for a number without bound"
_NAMES = {
    **dict.fromkeys(("inf", "infty", "infinity", "Infinity", "oo", "INFINITY", "Inf"), _HUGE),
    "otherwise": "write True", "true": "write True", "false": "write False",
}  # fmt: skip
_GRADIENT = "write the function; its gradient is drawn"
CHARACTER_HINTS = {
    "∞": _HUGE, "∑": "write the sum out: x0 + x1", "∇": _GRADIENT, "∂": _GRADIENT, "…": "write all terms",
    "∣": "write abs(x)", "‖": "write hypot(x, y)", "∥": "write hypot(x, y)", "↦": "write what follows it",
    "∫": "write the integrated function", "ⁿ": "write ^n", "∈": "write a <= x <= b",
}  # fmt: skip
"""Hints for characters that are not in the language."""
OPERATOR_HINTS = {
    "=>": "write >=", "=<": "write <=", "<>": "write !=", "===": "write ==", "&&": "write and",
    "||": "write or", "->": "write what follows it",
}  # fmt: skip
"""Hints for operators that are not in the language."""
_ARROW = re.compile(r"[\s(]*[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*[\s)]*")  # names before an arrow
_COMMANDS = {
    "infty": _HUGE, **dict.fromkeys(("pm", "mp"), "write + or -"), "sum": "write the sum out: x_0 + x_1",
    "prod": "write the product out: x_0 x_1", "int": "write the integrated function",
    **dict.fromkeys(("nabla", "partial"), _GRADIENT), "begin": "write Piecewise((a, c), (b, True))",
    "\\": "write one expression on one line", "|": "write \\sqrt{x_0^2 + x_1^2}",
    **dict.fromkeys(("vec", "hat", "bar", "tilde", "dot"), "write the letter alone"),
}  # fmt: skip


# Characters and commands ----------------------------------------------------------------------------------


def character_hint(plain: str, place: int) -> str:
    """Return the hint for an ASCII character that starts no token."""
    character, behind = plain[place], plain[place + 1 : place + 2]
    if character == "?":
        chosen, _, other = plain[place + 1 :].partition(":")
        test = plain[:place].strip()
        test += "" if set(test) & set("<>=") else " != 0"
        return write(f"{chosen.strip()} if {test} else {other.strip()}", "a if c else b")
    if character == ".":
        is_elementwise = behind in ("*", "/", "^")
        return f"write {behind}" if is_elementwise else "a decimal point must be next to a digit"
    if character == "!":
        is_negation = not plain[:place].strip() or plain[:place].rstrip()[-1] in "(,&|"
        return "write not" if is_negation else "factorials are not supported"
    return {
        "&": "write and", "~": "write not",
        "'": _GRADIENT if plain[:place].isidentifier() else "remove the quotes", '"': "remove the quotes",
        "#": "comments are not supported; remove it", "$": "remove it: TeX needs no dollar signs here",
        "@": "write the product out: x0*y0 + x1*y1", "\\": "remove it", "`": "remove it",
    }.get(character, "not in the language")  # fmt: skip


def operator_hint(plain: str, start: int, stop: int) -> str:
    """Return the hint for an operator that is not in the language: of `x -> x^2`, what follows it."""
    operator, names, body = plain[start:stop], plain[:start], plain[stop:].strip()
    is_arrow = operator in ("->", "=>") and _ARROW.fullmatch(names) is not None
    if is_arrow and any(name in body for name in re.findall(r"\w+", names)):
        return write(body, "what follows it")
    return OPERATOR_HINTS[operator]


def command_hint(command: str) -> str:
    """Return the hint for an unknown command of LaTeX."""
    if command in _COMMANDS:
        return _COMMANDS[command]
    return did_you_mean(command, [*tables.FUNCTIONS, *tables.GREEK.values(), "frac", "sqrt", "cdot", "left"])


# Positions ------------------------------------------------------------------------------------------------


def closing(tokens: Sequence[Token], place: int) -> int:
    """Return the position of the bracket that closes the one at a position, or of the last token."""
    depth = 0
    for at in range(place, len(tokens)):
        depth += (tokens[at].text in tables.BRACKETS) - (tokens[at].text in tables.BRACKETS.values())
        if depth == 0:
            return at
    return len(tokens) - 1


def end_of_call(tokens: Sequence[Token], place: int) -> int:
    """Return the end, in the text, of the brackets that follow an exponent at a position."""
    opening = next((at for at in range(place, len(tokens)) if tokens[at].text == "("), len(tokens) - 1)
    return tokens[closing(tokens, opening)].stop if opening < len(tokens) - 1 else tokens[place - 1].stop


def _end_of_power(tokens: Sequence[Token], place: int) -> int:
    """Return the position behind an operand with its brackets and its exponents."""
    last = len(tokens) - 1
    while True:
        at = (closing(tokens, place) if tokens[place].text in tables.BRACKETS else place) + 1
        if at < last and tokens[at].text == "(":
            at = closing(tokens, at) + 1
        if at >= last or tokens[at].text != "^":
            return min(at, last)
        place = min(at + (2 if tokens[at + 1].text == "-" else 1), last)


def _arguments(plain: str, tokens: Sequence[Token], opening: int) -> list[str]:
    """Return the texts of the arguments in the brackets that open at a position."""
    last = closing(tokens, opening)
    start, depth, found = tokens[opening].stop, 0, []
    for token in tokens[opening:last]:
        depth += (token.text in tables.BRACKETS) - (token.text in tables.BRACKETS.values())
        if depth == 1 and token.text == ",":
            found.append(plain[start : token.start].strip())
            start = token.stop
    return [argument for argument in (*found, plain[start : tokens[last].start].strip()) if argument]


def write(text: str, otherwise: str) -> str:
    """Return a hint to type a text, or another one if it is too long or not printable."""
    text = " ".join(text.split())
    return f"write {text if 0 < len(text) <= _LONGEST and text.isprintable() else otherwise}"


# Tokens in the wrong place --------------------------------------------------------------------------------


def unexpected_hint(plain: str, tokens: Sequence[Token], place: int) -> str:
    """Return the hint for the token at a position, which fits no rule."""
    token, before = tokens[place], tokens[place - 1] if place else None
    if token.kind == "end":
        return "add a number or a name"
    if token.text in _MARKS and token.kind == "mark":
        return _MARKS[token.text](plain, tokens, place)
    if token.text == "if" and token.kind == "name":
        return "write a if c else b"
    if token.kind in ("number", "name") and before is not None:
        if before.text == ")":
            return "add '*' before it"
        if before.kind != "mark":
            return "add an operator before it, such as '*'"
    return "a number or a name is expected here"


def _comma(_plain: str, tokens: Sequence[Token], place: int) -> str:
    is_decimal = place and tokens[place - 1].kind == tokens[place + 1].kind == "number"
    return "write '.', as in 0.5" if is_decimal else "write one function, whose gradient is drawn"


def _equals(plain: str, tokens: Sequence[Token], place: int) -> str:
    depth = sum((t.text in tables.BRACKETS) - (t.text in tables.BRACKETS.values()) for t in tokens[:place])
    if depth > 0 or tokens[place].text != "=" or place == 0:
        return "write =="
    left, right = plain[: tokens[place].start].strip(), plain[tokens[place].stop :].strip()
    return write(f"{left} - {_operand(right)}", "one side only") + ", which is 0 there"


def _bar(plain: str, tokens: Sequence[Token], place: int) -> str:
    behind = next((token for token in tokens[place + 1 :] if token.text == "|"), tokens[-1])
    inner = plain[tokens[place].stop : behind.start].strip()
    return write(f"abs({inner})" if inner else "", "abs(x)")


def _bracket(plain: str, tokens: Sequence[Token], place: int) -> str:
    if place and tokens[place - 1].kind == "name":
        return "write an index from 0 on, as in x[0]"
    return write(f"({', '.join(_arguments(plain, tokens, place)) or 'x'})", "( )")


def _semicolon(plain: str, tokens: Sequence[Token], place: int) -> str:
    depth = sum((t.text in tables.BRACKETS) - (t.text in tables.BRACKETS.values()) for t in tokens[:place])
    return "write ','" if depth > 0 else write(plain[: tokens[place].start].strip(), "one expression")


_MARKS: dict[str, Callable[[str, Sequence[Token], int], str]] = {
    ",": _comma, "=": _equals, ":=": _equals, "|": _bar, "[": _bracket, "{": _bracket,
    **dict.fromkeys(")]}⌋⌉", lambda *_: "remove it"), "rvert": lambda *_: "remove it",
    ";": _semicolon,
    ":": lambda *_: "write a if c else b", "_": lambda *_: "write an index behind the name, as in x0",
}  # fmt: skip


# Names and calls ------------------------------------------------------------------------------------------


def unknown(
    plain: str, tokens: Sequence[Token], place: int, *, called: bool, declared: Collection[str]
) -> tuple[Token, str]:
    """Return the token under which the carets of an unknown name stand, and the hint."""
    token = tokens[place]
    name = token.text
    functions = (*tables.FUNCTIONS, *tables.BRANCHES, *tables.ALIASES)
    if tokens[place + 1].text in ("[", "{") and tables.is_function(name.lower()):
        inner, last = ", ".join(_arguments(plain, tokens, place + 1)), closing(tokens, place + 1)
        return replace(token, stop=tokens[last].stop), write(f"{name.lower()}({inner})", "( )")
    is_keyword = tokens[place + 1].text == "="  # of a call in Python
    known = "write the value without a name before it" if is_keyword else None
    if known or (called and (known := _instead(plain, tokens, place)) is not None):
        return token, known
    if (found := _split(plain, tokens, place, called=called)) is not None:
        return found
    if called:
        return token, did_you_mean(name, functions)
    if meant := _NAMES.get(name) or did_you_mean(name, (*tables.CONSTANTS, *declared)):
        return token, meant
    return token, _declaration(name) if tables.is_name(name) else ""


def _declaration(name: str) -> Message:
    return Message("declare it: ", Ref("vars"), " or ", Ref("set", {name: 1}))


def _instead(plain: str, tokens: Sequence[Token], place: int) -> str | None:
    """Return the hint for a call of a function of another language, None if it is unknown."""
    name, last = tokens[place].text, closing(tokens, place + 1)
    arguments = _arguments(plain, tokens, place + 1)
    is_whole = place == 0 and last >= len(tokens) - 2
    if name in _REDUCTIONS and arguments:
        return write(_reduced(name, arguments), "it out")
    if name in ("dot", "inner", "matmul", "vdot") and len(arguments) == 2:
        return write(" + ".join("*".join(f"{each}{k}" for each in arguments) for k in (0, 1)), "it out")
    if name in ("diff", "grad", "derivative", "D") and arguments:
        return write(arguments[0], "the function") + ", whose gradient is drawn"
    if (base := re.fullmatch(r"log_?([0-9]+)", name)) and arguments:
        return write(f"log({arguments[0]}, {base[1]})", "log(x, 2)")
    form = tables.FOREIGN.get(name.lower())
    if not form:
        return form
    values = dict(zip("xy", arguments, strict=False))
    text = re.sub(r"\b[xy]\b", lambda match: _operand(values.get(match[0], match[0])), form)
    is_call = re.fullmatch(r"\w+\([^()]*\)", form) is not None
    return write(text if is_whole or is_call else f"({text})", form)


def _reduced(name: str, arguments: Sequence[str]) -> str:
    """Return a sum, mean, product or norm over the two elements of a vector, written out."""
    inner = f"{_operand(arguments[0])}**2" if name == "norm" else arguments[0]
    parts = list(arguments)
    if len(arguments) == 1 or name == "norm":
        parts = [re.sub(_ELEMENT, rf"\g<0>{k}", inner) for k in (0, 1)]
    if name in ("prod", "product"):
        parts = list(map(_operand, parts))
    total = _REDUCTIONS[name].join(parts)
    if name == "norm":
        return f"sqrt({total})"
    return f"({total})/{len(parts)}" if name in ("mean", "average") else total


def _operand(text: str) -> str:
    """Return a text that is one operand: in parentheses, unless it is a number, a name or a call."""
    return text if re.fullmatch(r"[A-Za-z_]\w*(?:\([^()]*\))?|[0-9.]+", text) else f"({text})"


def _split(plain: str, tokens: Sequence[Token], place: int, *, called: bool) -> tuple[Token, str] | None:
    """Return the carets and the hint for a name of several parts: sinx, xy, xsin(x), xe^x."""
    token, end = tokens[place], _end_of_power(tokens, place)
    behind = plain[token.stop : tokens[end - 1].stop]
    is_divisor = place > 0 and tokens[place - 1].text in ("/", "^", "%", "//")
    for text, is_clear in _readings(token.text, behind, called=called):
        if called or behind.startswith(("^", "**")):
            token = replace(token, stop=tokens[end - 1].stop)
            text += behind  # noqa: PLW2901 - the name with what belongs to it
        hint = write(f"({text})" if is_divisor else text, "'*' between the names")
        return token, hint if is_clear else Message(hint, ", or ", _declaration(token.text))
    return None


def _readings(name: str, behind: str, *, called: bool) -> Iterator[tuple[str, bool]]:
    """Yield a name with '*' and ( ), and whether it can be meant in no other way."""
    spellings = sorted((*tables.FUNCTIONS, *tables.ALIASES), key=len, reverse=True)
    if called:
        for function in spellings:
            head = name.removesuffix(function)
            if head != name and head and (parts := _factors(head, has_power=False)):
                yield "*".join([*parts, function]), True
        return
    for function in spellings:
        head, found, rest = name.partition(function)
        before = _factors(head, has_power=False)
        if found and rest and (parts := _factors(rest, has_power=False)) and (before or not head):
            yield "*".join([*before, f"{function}({'*'.join(parts)})"]), True
    if parts := _factors(name, has_power=behind.startswith(("^", "**"))):
        yield "*".join(parts), all(part[0] in _COORDINATES or len(part) > 1 or part == "e" for part in parts)


def _factors(name: str, *, has_power: bool) -> list[str]:
    """Return the variables and constants that a name consists of; none if it may be a word."""
    pieces = re.findall(_PIECE, name)
    if "".join(pieces) != name:
        return []
    found: list[str] = []
    for piece in pieces:
        if piece.isdigit() and found and found[-1][-1].isalpha() and found[-1] not in ("pi", "e"):
            found[-1] += piece
        else:
            found.append(piece)
    letters = [part for part in found if not part.isdigit()]
    is_power = has_power and found[-1] == "e"
    known = [
        part for part in letters if part[0] in _COORDINATES or part == "pi" or part in tables.GREEK.values()
    ]
    is_product = len(known) + is_power == len(letters) or (len(letters) == 2 and len(name) == 2)
    return found if is_product and 0 < len(letters) <= 4 and "e" not in found[:-1] else []


def application(plain: str, ahead: Sequence[Token], token: Token) -> str:
    """Return the hint for a function without brackets: sin(2x) for sin 2x."""
    if [part.text for part in ahead[:3]] == ["-", "1", "("]:
        return inverse(plain, ahead, 0, token.text)
    last = 0
    if ahead[0].text in ("[", "{"):
        return write(f"{token.text}({', '.join(_arguments(plain, ahead, 0))})", f"{token.text}(x)")
    if ahead[0].kind == "number" and ahead[1].kind == "name":
        last = 1
    is_operand = ahead[0].kind in ("number", "name") and ahead[0].text not in tables.KEYWORDS
    if not is_operand or (tables.is_function(ahead[last].text) and ahead[last].kind == "name"):
        return f"write {token.text}(x)"
    end = _end_of_power(ahead, last)
    return write(f"{token.text}({plain[ahead[0].start : ahead[end - 1].stop]})", f"{token.text}(x)")


def inverse(plain: str, tokens: Sequence[Token], place: int, name: str) -> str:
    """Return the hint for sin^-1(x): asin(x)."""
    opening = next((at for at in range(place, len(tokens)) if tokens[at].text == "("), None)
    inner = ", ".join(_arguments(plain, tokens, opening)) if opening is not None else "x"
    return write(_INVERSES.get(name, f"1/{name}({{}})").format(inner), "asin(x)")


def product(plain: str, tokens: Sequence[Token], place: int, token: Token) -> str:
    """Return the hint for a variable before brackets, at a position: y*(x), and sigmoid(x) for σ(x)."""
    inner = ", ".join(_arguments(plain, tokens, place)) or "x"
    if token.text in _GREEK_FUNCTIONS:
        return write(_GREEK_FUNCTIONS[token.text].format(inner), "its formula")
    return write(f"{token.text}*({inner})", f"{token.text}*(x)")
