"""Momentum and scaling together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, not_negative, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats

_NADAM = 0.96  # the base of its schedule, in the paper


@dataclass(frozen=True)
class Adam(Optimizer):
    """Means of the gradients and of their squares: x <- x - lr m' / (sqrt(v') + eps).

    m <- b1 m + (1 - b1) g and v <- b2 v + (1 - b2) g^2 start at 0, which m' = m / (1 - b1^t) and
    v' = v / (1 - b2^t) make up for; eps stands outside the root. Kingma and Ba, "Adam: a method for
    stochastic optimization", ICLR 2015, algorithm 1. (The book adds its eps to the root of v in place of v',
    which differs by 6e-5 after 30 steps.)

    >>> import numpy as np
    >>> Adam(learning_rate=0.5).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0, 0.0)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "Adam"
    learning_rate: float = positive(0.001)
    b1: float = fraction(0.9)
    b2: float = fraction(0.999)
    eps: float = not_negative(1e-8)

    def init(self, x: Floats) -> State:
        """Return the means 0."""
        return 0 * x, 0 * x

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr m' / (sqrt(v') + eps)."""
        import numpy as np

        m, v = self._means(at, state)
        m_hat, v_hat = m / (1 - self.b1**at.t), v / (1 - self.b2**at.t)
        return Update(at.x - self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps), (m, v), m_hat)

    def _means(self, at: Local, state: State) -> tuple[Floats, Floats]:
        """Return the means of the gradients and of their squares, the new ones included."""
        m, v = state[:2]
        return self.b1 * m + (1 - self.b1) * at.g, self.b2 * v + (1 - self.b2) * at.g**2


@dataclass(frozen=True)
class AmsGrad(Adam):
    """Adam whose scale never shrinks: w <- max(w, v); x <- x - lr m' / (sqrt(w / (1 - b2^t)) + eps).

    Reddi, Kale and Kumar, "On the convergence of Adam and beyond", ICLR 2018; with the means corrected, as in
    PyTorch.

    >>> import numpy as np
    >>> AmsGrad(0.5, eps=0.0).update(Local(np.array([3.0]), np.array([6.0])), (0.0, 0.0, 0.144)).x
    array([2.75])
    """

    title: ClassVar[str] = "AMSGrad"

    def init(self, x: Floats) -> State:
        """Return the means and the greatest mean 0."""
        return 0 * x, 0 * x, 0 * x

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr m' / (sqrt(w') + eps)."""
        import numpy as np

        m, v = self._means(at, state)
        w = np.maximum(state[2], v)
        m_hat, w_hat = m / (1 - self.b1**at.t), w / (1 - self.b2**at.t)
        return Update(at.x - self.learning_rate * m_hat / (np.sqrt(w_hat) + self.eps), (m, v, w), m_hat)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with weight decay apart from it: x <- x - lr wd x, then Adam's update.

    wd is `weight_decay`, which pulls towards 0. Loshchilov and Hutter, "Decoupled weight decay
    regularization", ICLR 2019.

    >>> import numpy as np
    >>> AdamW(0.5, weight_decay=0.2).update(Local(np.array([3.0]), np.array([6.0])), (0.0, 0.0)).x
    array([2.2])
    """

    title: ClassVar[str] = "AdamW"
    weight_decay: float = not_negative(0.01)

    def update(self, at: Local, state: State) -> Update:
        """Return Adam's update from (1 - lr wd) x."""
        shrunk = at.x * (1 - self.learning_rate * self.weight_decay)
        return super().update(at._replace(x=shrunk), state)


@dataclass(frozen=True)
class Nadam(Adam):
    """Adam that looks ahead: x <- x - lr (c1 g + c2 m) / (sqrt(v') + eps).

    c1 = (1 - mu_t) / (1 - mu_1 ... mu_t) and c2 = mu_t+1 / (1 - mu_1 ... mu_t+1), where
    mu_t = b1 (1 - 0.96^(t psi) / 2) grows to b1 by psi, `momentum_decay`. Dozat, "Incorporating Nesterov
    momentum into Adam", ICLR workshop 2016.

    >>> import numpy as np
    >>> x = np.array([3.0])
    >>> Nadam(0.5, momentum_decay=0.0, eps=0.0).update(Local(x, np.array([6.0])), Nadam().init(x)).x.round(6)
    array([2.471787])
    """

    title: ClassVar[str] = "Nadam"
    learning_rate: float = positive(0.002)
    momentum_decay: float = not_negative(0.004)

    def init(self, x: Floats) -> State:
        """Return the means 0 and the product 1."""
        return 0 * x, 0 * x, 0 * x + 1

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr (c1 g + c2 m) / (sqrt(v') + eps)."""
        import numpy as np

        m, v = self._means(at, state)
        product = state[2] * self._mu(at.t)
        following = self._mu(at.t + 1)
        mean = (1 - self._mu(at.t)) / (1 - product) * at.g + following / (1 - product * following) * m
        scale = np.sqrt(v / (1 - self.b2**at.t)) + self.eps
        return Update(at.x - self.learning_rate * mean / scale, (m, v, product), mean)

    def _mu(self, t: int) -> float:
        return float(self.b1 * (1 - 0.5 * _NADAM ** (t * self.momentum_decay)))
