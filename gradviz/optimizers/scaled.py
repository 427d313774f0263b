"""Steps along the gradient, each coordinate scaled by the sizes that it had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, not_negative, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """Slower where it was steep: h <- h + g^2; x <- x - lr g / (sqrt(h) + eps).

    h is the sum of the squares of each coordinate's gradients; eps, outside the root as in PyTorch, keeps
    from dividing by 0 (the book has 1e-7). Duchi, Hazan and Singer, "Adaptive subgradient methods for online
    learning and stochastic optimization", JMLR 12 (2011).

    >>> import numpy as np
    >>> AdaGrad(learning_rate=0.5).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0,)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "AdaGrad"
    learning_rate: float = positive(0.01)
    eps: float = not_negative(1e-10)

    def init(self, x: Floats) -> State:
        """Return the sum 0."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g / (sqrt(h) + eps)."""
        import numpy as np

        (h,) = state
        h = h + at.g**2
        return Update(at.x - self.learning_rate * at.g / (np.sqrt(h) + self.eps), (h,), at.g)


@dataclass(frozen=True)
class RmsProp(Optimizer):
    """AdaGrad that forgets: h <- rho h + (1 - rho) g^2; x <- x - lr g / (sqrt(h) + eps).

    h is the mean of the squares, in which earlier ones count less by the factor `decay`, rho (PyTorch has
    0.99, Hinton's slides 0.9). Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5,
    2012.

    >>> import numpy as np
    >>> RmsProp(0.1, decay=0.75, eps=0.0).update(Local(np.array([3.0]), np.array([6.0])), (0.0,)).x
    array([2.8])
    """

    title: ClassVar[str] = "RMSprop"
    learning_rate: float = positive(0.01)
    decay: float = fraction(0.99)
    eps: float = not_negative(1e-8)

    def init(self, x: Floats) -> State:
        """Return the mean 0."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g / (sqrt(h) + eps)."""
        import numpy as np

        (h,) = state
        h = self.decay * h + (1 - self.decay) * at.g**2
        return Update(at.x - self.learning_rate * at.g / (np.sqrt(h) + self.eps), (h,), at.g)


@dataclass(frozen=True)
class AdaDelta(Optimizer):
    """Steps in the units of x: x <- x - lr d with d = g sqrt(u + eps) / sqrt(h + eps).

    h <- rho h + (1 - rho) g^2 is the mean of the squares of the gradients, u <- rho u + (1 - rho) d^2 that of
    the steps before; eps stands inside the roots. Zeiler, "ADADELTA: an adaptive learning rate method",
    arXiv:1212.5701 (2012), whose lr is 1 and rho 0.95; PyTorch has rho 0.9.

    >>> import numpy as np
    >>> AdaDelta(rho=0.75, eps=1.0).update(Local(np.array([3.0]), np.array([2.0])), (0.0, 3.0)).x.round(6)
    array([0.171573])
    """

    title: ClassVar[str] = "Adadelta"
    learning_rate: float = positive(1.0)
    rho: float = fraction(0.9)
    eps: float = not_negative(1e-6)

    def init(self, x: Floats) -> State:
        """Return the means 0."""
        return 0 * x, 0 * x

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr d."""
        import numpy as np

        h, u = state
        h = self.rho * h + (1 - self.rho) * at.g**2
        d = at.g * (np.sqrt(u + self.eps) / np.sqrt(h + self.eps))
        u = self.rho * u + (1 - self.rho) * d**2
        return Update(at.x - self.learning_rate * d, (h, u), at.g)
