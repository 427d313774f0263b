"""Steps along the gradient, alone or with the memory of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class Sgd(Optimizer):
    """Gradient descent: x <- x - lr g, with the gradient g and the learning rate lr.

    Cauchy, "Methode generale pour la resolution des systemes d'equations simultanees", 1847. The S of its
    usual name stands for gradients of random samples; here they are those of the whole function.

    >>> import numpy as np
    >>> Sgd(learning_rate=0.1).update(Local(x=np.array([3.0, 4.0]), g=np.array([6.0, 8.0])), ()).x
    array([2.4, 3.2])
    """

    title: ClassVar[str] = "SGD"
    learning_rate: float = positive(0.01)

    def init(self, x: Floats) -> State:  # noqa: ARG002 - it remembers nothing
        """Return nothing."""
        return ()

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g."""
        return Update(at.x - self.learning_rate * at.g, state, at.g)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """A heavy ball: v <- mu v - lr g; x <- x + v, with the velocity v and the momentum mu.

    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.

    >>> import numpy as np
    >>> Momentum(learning_rate=0.1).update(Local(np.array([3.0]), np.array([6.0])), (np.array([-1.0]),)).x
    array([1.5])
    """

    title: ClassVar[str] = "Momentum"
    learning_rate: float = positive(0.01)
    momentum: float = fraction(0.9)

    def init(self, x: Floats) -> State:
        """Return the velocity 0."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x + v."""
        (v,) = state
        v = self.momentum * v - self.learning_rate * at.g
        return Update(at.x + v, (v,), -v / self.learning_rate)


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """Momentum that looks ahead: b <- mu b + g; x <- x - lr (g + mu b).

    b is a sum of gradients that forgets by mu. The x shown is the point ahead, where the gradient is taken,
    as in PyTorch. Nesterov, "A method for solving the convex programming problem with convergence rate
    O(1/k^2)", 1983, in the form of Sutskever et al., ICML 2013.

    >>> import numpy as np
    >>> Nesterov(learning_rate=0.1).update(Local(np.array([3.0]), np.array([6.0])), (np.array([0.0]),)).x
    array([1.86])
    """

    title: ClassVar[str] = "Nesterov"
    learning_rate: float = positive(0.01)
    momentum: float = fraction(0.9)

    def init(self, x: Floats) -> State:
        """Return the sum 0."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr (g + mu b)."""
        (b,) = state
        b = self.momentum * b + at.g
        ahead = at.g + self.momentum * b
        return Update(at.x - self.learning_rate * ahead, (b,), ahead)
