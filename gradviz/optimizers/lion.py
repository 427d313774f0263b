"""Steps of one length, along the signs of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, not_negative, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class Lion(Optimizer):
    """The sign of the momentum: x <- x - lr (sign(b1 m + (1 - b1) g) + wd x); m <- b2 m + (1 - b2) g.

    m is the mean of the gradients and wd `weight_decay`. Chen et al., "Symbolic discovery of optimization
    algorithms", NeurIPS 2023.

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
        """Return the mean 0."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr (sign(b1 m + (1 - b1) g) + wd x)."""
        import numpy as np

        (m,) = state
        mean = self.b1 * m + (1 - self.b1) * at.g
        m = self.b2 * m + (1 - self.b2) * at.g
        return Update(at.x - self.learning_rate * (np.sign(mean) + self.weight_decay * at.x), (m,), mean)
