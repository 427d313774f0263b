"""Lion, a sign-based optimizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, not_negative, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class Lion(Optimizer):
    """Lion: evolved sign momentum, with decoupled weight decay.

        x <- x - lr (sign(b1 m + (1 - b1) g) + wd x)
        m <- b2 m + (1 - b2) g                      first moment, m = 0 at the start

    x, g and m have the shape (..., D). `learning_rate` > 0; 0 <= b1, b2 < 1; wd = `weight_decay` >= 0.

    X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, algorithm 2.

    >>> import numpy as np
    >>> Lion(0.5, weight_decay=0.0).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0,)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "Lion"
    learning_rate: float = positive(1e-4)
    b1: float = fraction(0.9)
    b2: float = fraction(0.99)
    weight_decay: float = not_negative(1e-3)

    def init(self, x: Floats) -> State:
        """Return a zero first moment."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr (sign(b1 m + (1 - b1) g) + wd x)."""
        (m,) = state
        mean = self.b1 * m + (1 - self.b1) * at.g
        m = self.b2 * m + (1 - self.b2) * at.g
        sign = at.x.__array_namespace__().sign(mean)
        return Update(at.x - self.learning_rate * (sign + self.weight_decay * at.x), (m,), mean)
