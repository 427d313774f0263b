"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class Sgd(Optimizer):
    """Gradient descent.

        x <- x - lr g

    x and g have the shape (..., D); `learning_rate` > 0. The usual name is kept, but g is the gradient of the
    whole function, not of a random sample of its terms.

    A. Cauchy, "Methode generale pour la resolution des systemes d'equations simultanees", Comptes rendus 25,
    1847.

    >>> import numpy as np
    >>> Sgd(learning_rate=0.1).update(Local(x=np.array([3.0, 4.0]), g=np.array([6.0, 8.0])), ()).x
    array([2.4, 3.2])
    """

    title: ClassVar[str] = "SGD"
    learning_rate: float = positive(0.01)

    def init(self, x: Floats) -> State:  # noqa: ARG002 - the state is empty
        """Return the empty state."""
        return ()

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g."""
        return Update(at.x - self.learning_rate * at.g, state, at.g)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum, also called the heavy-ball method.

        v <- mu v - lr g                            velocity, v = 0 at the start
        x <- x + v

    x, g and v have the shape (..., D). `learning_rate` > 0; mu = `momentum`, 0 <= mu < 1.

    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
    Mathematics and Mathematical Physics 4(5), 1964.

    >>> import numpy as np
    >>> Momentum(learning_rate=0.1).update(Local(np.array([3.0]), np.array([6.0])), (np.array([-1.0]),)).x
    array([1.5])
    """

    title: ClassVar[str] = "Momentum"
    learning_rate: float = positive(0.01)
    momentum: float = fraction(0.9)

    def init(self, x: Floats) -> State:
        """Return a zero velocity."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x + v."""
        (v,) = state
        v = self.momentum * v - self.learning_rate * at.g
        return Update(at.x + v, (v,), -v / self.learning_rate)


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """Nesterov's accelerated gradient.

        b <- mu b + g                               momentum buffer, b = 0 at the start
        x <- x - lr (g + mu b)

    x, g and b have the shape (..., D). `learning_rate` > 0; mu = `momentum`, 0 <= mu < 1. As in PyTorch, x is
    the look-ahead point, where the gradient is evaluated.

    Y. Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k^2)", 1983;
    I. Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013,
    equations 3 and 4.

    >>> import numpy as np
    >>> Nesterov(learning_rate=0.1).update(Local(np.array([3.0]), np.array([6.0])), (np.array([0.0]),)).x
    array([1.86])
    """

    title: ClassVar[str] = "Nesterov"
    learning_rate: float = positive(0.01)
    momentum: float = fraction(0.9)

    def init(self, x: Floats) -> State:
        """Return a zero momentum buffer."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr (g + mu b)."""
        (b,) = state
        b = self.momentum * b + at.g
        ahead = at.g + self.momentum * b
        return Update(at.x - self.learning_rate * ahead, (b,), ahead)
