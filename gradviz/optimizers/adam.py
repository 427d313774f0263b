"""Adam and its variants: AMSGrad, AdamW, Nadam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, not_negative, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats

_SCHEDULE_BASE = 0.96  # base of Nadam's momentum schedule, dimensionless: the value of the paper


@dataclass(frozen=True)
class _Moments(Optimizer):
    """Base class of Adam's variants: exponential moving averages of g and g^2.

        m <- b1 m + (1 - b1) g                      first moment, m = 0 at the start
        v <- b2 v + (1 - b2) g^2                    second moment, v = 0 at the start

    `learning_rate` > 0; 0 <= b1, b2 < 1; eps >= 0.
    """

    learning_rate: float = positive(0.001)
    b1: float = fraction(0.9)
    b2: float = fraction(0.999)
    eps: float = not_negative(1e-8)

    def _moments(self, at: Local, state: State) -> tuple[Floats, Floats]:
        """Return m and v after the update `at.t`."""
        m, v = state[:2]
        return self.b1 * m + (1 - self.b1) * at.g, self.b2 * v + (1 - self.b2) * at.g**2

    def _step(self, x: Floats, m: Floats, v: Floats, t: int) -> tuple[Floats, Floats]:
        """Return x - lr m' / (sqrt(v') + eps), and m'; both moments are corrected for their start at 0."""
        m_hat, v_hat = m / (1 - self.b1**t), v / (1 - self.b2**t)
        xp = x.__array_namespace__()
        return x - self.learning_rate * m_hat / (xp.sqrt(v_hat) + self.eps), m_hat


@dataclass(frozen=True)
class Adam(_Moments):
    """Adam: adaptive moment estimation with bias correction.

        m <- b1 m + (1 - b1) g                      first moment, m = 0 at the start
        v <- b2 v + (1 - b2) g^2                    second moment, v = 0 at the start
        x <- x - lr m' / (sqrt(v') + eps)           with m' = m / (1 - b1^t), v' = v / (1 - b2^t)

    x, g, m and v have the shape (..., D); t counts updates from 1. `learning_rate` > 0; 0 <= b1, b2 < 1;
    eps >= 0. Raises RequestError for a value out of range.

    D. P. Kingma and J. Ba, "Adam: A method for stochastic optimization", ICLR 2015, algorithm 1.

    >>> import numpy as np
    >>> Adam(learning_rate=0.5).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0, 0.0)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "Adam"

    def init(self, x: Floats) -> State:
        """Return zero first and second moments."""
        return 0 * x, 0 * x

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr m' / (sqrt(v') + eps)."""
        m, v = self._moments(at, state)
        x, m_hat = self._step(at.x, m, v, at.t)
        return Update(x, (m, v), m_hat)


@dataclass(frozen=True)
class AmsGrad(_Moments):
    """AMSGrad: Adam with a second moment that never decreases.

        w <- max(w, v)                              w = 0 at the start; m and v as in Adam
        x <- x - lr m' / (sqrt(w') + eps)           with m' = m / (1 - b1^t), w' = w / (1 - b2^t)

    The paper has no bias correction; m' and w' are those of PyTorch. The ranges are Adam's.

    S. J. Reddi, S. Kale and S. Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2.

    >>> import numpy as np
    >>> AmsGrad(0.5, eps=0.0).update(Local(np.array([3.0]), np.array([6.0])), (0.0, 0.0, 0.144)).x
    array([2.75])
    """

    title: ClassVar[str] = "AMSGrad"

    def init(self, x: Floats) -> State:
        """Return zero moments and a zero maximum."""
        return 0 * x, 0 * x, 0 * x

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr m' / (sqrt(w') + eps)."""
        m, v = self._moments(at, state)
        w = at.x.__array_namespace__().maximum(state[2], v)
        x, m_hat = self._step(at.x, m, w, at.t)
        return Update(x, (m, v, w), m_hat)


@dataclass(frozen=True)
class AdamW(_Moments):
    """AdamW: Adam with decoupled weight decay.

        x <- x - lr wd x                            wd = `weight_decay` >= 0, which shrinks x towards 0
        x <- x - lr m' / (sqrt(v') + eps)           Adam's update, with g at the point before the decay

    The other ranges are Adam's.

    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.

    >>> import numpy as np
    >>> AdamW(0.5, weight_decay=0.2).update(Local(np.array([3.0]), np.array([6.0])), (0.0, 0.0)).x
    array([2.2])
    """

    title: ClassVar[str] = "AdamW"
    weight_decay: float = not_negative(0.01)

    def init(self, x: Floats) -> State:
        """Return zero first and second moments."""
        return 0 * x, 0 * x

    def update(self, at: Local, state: State) -> Update:
        """Return Adam's update of (1 - lr wd) x."""
        m, v = self._moments(at, state)
        x, m_hat = self._step(at.x * (1 - self.learning_rate * self.weight_decay), m, v, at.t)
        return Update(x, (m, v), m_hat)


@dataclass(frozen=True)
class Nadam(_Moments):
    """Nadam: Adam with Nesterov momentum.

        mu_t = b1 (1 - 0.96^(t psi) / 2)            momentum schedule, psi = `momentum_decay` >= 0
        n = (1 - mu_t) / (1 - mu_1 ... mu_t) g + mu_t+1 / (1 - mu_1 ... mu_t+1) m
        x <- x - lr n / (sqrt(v') + eps)            with v' = v / (1 - b2^t); m and v as in Adam

    The other ranges are Adam's.

    T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.

    >>> import numpy as np
    >>> x = np.array([3.0])
    >>> Nadam(0.5, momentum_decay=0.0, eps=0.0).update(Local(x, np.array([6.0])), Nadam().init(x)).x.round(6)
    array([2.471787])
    """

    title: ClassVar[str] = "Nadam"
    learning_rate: float = positive(0.002)
    momentum_decay: float = not_negative(0.004)

    def init(self, x: Floats) -> State:
        """Return zero moments, and 1 for the product mu_1 ... mu_t."""
        return 0 * x, 0 * x, 0 * x + 1

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr n / (sqrt(v') + eps)."""
        m, v = self._moments(at, state)
        product = state[2] * self._mu(at.t)
        following = self._mu(at.t + 1)
        mean = (1 - self._mu(at.t)) / (1 - product) * at.g + following / (1 - product * following) * m
        scale = at.x.__array_namespace__().sqrt(v / (1 - self.b2**at.t)) + self.eps
        return Update(at.x - self.learning_rate * mean / scale, (m, v, product), mean)

    def _mu(self, t: int) -> float:
        return float(self.b1 * (1 - 0.5 * _SCHEDULE_BASE ** (t * self.momentum_decay)))
