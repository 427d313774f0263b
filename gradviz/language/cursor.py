"""Cursor over the tokens of a text: position, nesting depth, and errors at a token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from gradviz.errors import ExpressionError
from gradviz.language.tokens import Token, tokenize
from gradviz.language.tree import Node
from gradviz.limits import EXPRESSION_NESTING


class Cursor:
    """Position in the tokens of one text, which moves forwards only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._position = 0
        self._depth = 0

    @property
    def now(self) -> Token:
        """The current token."""
        return self._tokens[self._position]

    @property
    def before(self) -> Token:
        """The token before the current one; there must be one."""
        return self._tokens[self._position - 1]

    @property
    def after(self) -> Token:
        """The token after the current one, or the last one."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    @property
    def ahead(self) -> list[Token]:
        """The tokens from the current one to the end."""
        return self._tokens[self._position :]

    def at(self, *texts: str) -> bool:
        """Return whether the current token is a mark or a name with one of these texts."""
        return self.now.kind in ("mark", "name") and self.now.text in texts

    def take(self, *texts: str) -> Token | None:
        """Move past the current token and return it if `at(*texts)`."""
        return self.advance() if self.at(*texts) else None

    def advance(self) -> Token:
        """Move past the current token and return it."""
        self._position += 1
        return self.before

    def close(self, opening: Token) -> None:
        """Move past the ')' that belongs to the '(' `opening`. Raises ExpressionError if there is none."""
        if self.take(")"):
            return
        if self.now.kind == "end":
            name = self._tokens[self._tokens.index(opening) - 1]
            of = f" of {name.text}" if name.kind == "name" and name.stop == opening.start else ""
            self.fail(f"'('{of} is never closed", opening)
        self.unexpected()

    @contextmanager
    def nested(self, *tokens: Token) -> Iterator[None]:
        """Count one level of nesting for each of some tokens; at the end, return to the depth before."""
        depth = self._depth
        for token in tokens:
            self.deepen(token)
        yield
        self._depth = depth

    def deepen(self, token: Token) -> None:
        """Count one more level of nesting, which ends with the enclosing `nested`."""
        self._depth += 1
        if self._depth > EXPRESSION_NESTING:
            self.fail(f"more than {EXPRESSION_NESTING} levels of nesting", token)

    def fail(self, problem: str, at: Token | Node, hint: str = "") -> NoReturn:
        """Raise ExpressionError at the position of a token or a node."""
        raise ExpressionError(problem, self.text, at.start, at.stop, hint)

    def unexpected(self) -> NoReturn:
        """Raise ExpressionError for the current token, which fits no rule."""
        token = self.now
        typed = self.text[token.start : token.stop]
        if token.kind == "end":
            problem, hint = "the expression is incomplete", "add a number or a name"
        elif token.text == ",":
            problem, hint = "',' outside a function's arguments", "use '.' in decimals: 0.5"
        elif token.text == ")":
            problem, hint = "')' without a '('", "remove it"
        elif token.kind in ("number", "name") and self._position and self.before.text == ")":
            problem, hint = f"unexpected '{typed}'", "add '*' before it"
        elif token.kind in ("number", "name") and self._position and self.before.kind != "mark":
            problem, hint = f"unexpected '{typed}'", "add an operator before it, such as '*'"
        else:
            problem, hint = f"unexpected '{typed}'", "a number or a name is expected here"
        self.fail(problem, token, hint)
