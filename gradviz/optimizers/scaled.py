"""Optimizers with one adaptive learning rate per coordinate: AdaGrad, RMSprop, Adadelta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, not_negative, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """AdaGrad: steps divided by the root of the sum of all squared gradients.

        h <- h + g^2                                h = 0 at the start
        x <- x - lr g / (sqrt(h) + eps)

    x, g and h have the shape (..., D). `learning_rate` > 0; eps >= 0, outside the root as in PyTorch.

    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", JMLR 12, 2011.

    >>> import numpy as np
    >>> AdaGrad(learning_rate=0.5).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0,)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "AdaGrad"
    learning_rate: float = positive(0.01)
    eps: float = not_negative(1e-10)

    def init(self, x: Floats) -> State:
        """Return a zero sum."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g / (sqrt(h) + eps)."""
        (h,) = state
        h = h + at.g**2
        xp = at.x.__array_namespace__()
        return Update(at.x - self.learning_rate * at.g / (xp.sqrt(h) + self.eps), (h,), at.g)


@dataclass(frozen=True)
class RmsProp(Optimizer):
    """RMSprop: steps divided by the root mean square of recent gradients.

        h <- rho h + (1 - rho) g^2                  second moment, h = 0 at the start
        x <- x - lr g / (sqrt(h) + eps)

    x, g and h have the shape (..., D). `learning_rate` > 0; rho = `decay`, 0 <= rho < 1 (0.99 in PyTorch, 0.9
    in the lecture); eps >= 0.

    T. Tieleman and G. Hinton, "Neural networks for machine learning", lecture 6.5, 2012.

    >>> import numpy as np
    >>> RmsProp(0.1, decay=0.75, eps=0.0).update(Local(np.array([3.0]), np.array([6.0])), (0.0,)).x
    array([2.8])
    """

    title: ClassVar[str] = "RMSprop"
    learning_rate: float = positive(0.01)
    decay: float = fraction(0.99)
    eps: float = not_negative(1e-8)

    def init(self, x: Floats) -> State:
        """Return a zero second moment."""
        return (0 * x,)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g / (sqrt(h) + eps)."""
        (h,) = state
        h = self.decay * h + (1 - self.decay) * at.g**2
        xp = at.x.__array_namespace__()
        return Update(at.x - self.learning_rate * at.g / (xp.sqrt(h) + self.eps), (h,), at.g)


@dataclass(frozen=True)
class AdaDelta(Optimizer):
    """Adadelta: steps in the units of x, without a learning rate to choose.

        h <- rho h + (1 - rho) g^2                  mean square of gradients, h = 0 at the start
        d = g sqrt(u + eps) / sqrt(h + eps)
        u <- rho u + (1 - rho) d^2                  mean square of steps, u = 0 at the start
        x <- x - lr d

    x, g, h, u and d have the shape (..., D). `learning_rate` > 0 (1 in the paper); 0 <= rho < 1 (0.95 in the
    paper, 0.9 in PyTorch); eps >= 0.

    M. D. Zeiler, "ADADELTA: An adaptive learning rate method", arXiv:1212.5701, 2012, algorithm 1.

    >>> import numpy as np
    >>> AdaDelta(rho=0.75, eps=1.0).update(Local(np.array([3.0]), np.array([2.0])), (0.0, 3.0)).x.round(6)
    array([0.171573])
    """

    title: ClassVar[str] = "Adadelta"
    learning_rate: float = positive(1.0)
    rho: float = fraction(0.9)
    eps: float = not_negative(1e-6)

    def init(self, x: Floats) -> State:
        """Return zero mean squares."""
        return 0 * x, 0 * x

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr d."""
        xp = at.x.__array_namespace__()
        h, u = state
        h = self.rho * h + (1 - self.rho) * at.g**2
        d = at.g * (xp.sqrt(u + self.eps) / xp.sqrt(h + self.eps))
        u = self.rho * u + (1 - self.rho) * d**2
        return Update(at.x - self.learning_rate * d, (h, u), at.g)
