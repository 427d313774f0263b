"""Optimizers, each with its update as in its paper.

x are points, g is the gradient there, lr the learning rate and wd the weight decay. x, g and the arrays of
the state have the shape (..., D). t counts updates from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, fraction, not_negative, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats

_SCHEDULE_BASE = 0.96  # base of Nadam's momentum schedule, dimensionless: the value of the paper


@dataclass(frozen=True)
class Sgd(Optimizer):
    """Gradient descent.

        x <- x - lr g

    The usual name is kept, but g is the gradient of the whole function, not of a random sample of its terms.

    A. Cauchy, "Methode generale pour la resolution des systemes d'equations simultanees", Comptes rendus 25,
    1847.

    >>> Sgd(learning_rate=0.1).update(Local(x=np.array([3.0, 4.0]), g=np.array([6.0, 8.0])), ()).x
    array([2.4, 3.2])
    """

    title: ClassVar[str] = "SGD"
    learning_rate: float = positive(0.01)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g."""
        return Update(at.x - self.learning_rate * at.g, state, at.g)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent with momentum mu, also called the heavy-ball method.

        v <- mu v - lr g                            velocity, v = 0 at the start
        x <- x + v

    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
    Mathematics and Mathematical Physics 4(5), 1964.

    >>> Momentum(learning_rate=0.1).update(Local(np.array([3.0]), np.array([6.0])), (np.array([-1.0]),)).x
    array([1.5])
    """

    title: ClassVar[str] = "Momentum"
    first: ClassVar[tuple[float, ...]] = (0.0,)
    learning_rate: float = positive(0.01)
    momentum: float = fraction(0.9)

    def update(self, at: Local, state: State) -> Update:
        """Return x + v."""
        v = self.momentum * state[0] - self.learning_rate * at.g
        return Update(at.x + v, (v,), -v / self.learning_rate)


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """Nesterov's accelerated gradient with momentum mu.

        b <- mu b + g                               momentum buffer, b = 0 at the start
        x <- x - lr (g + mu b)

    As in PyTorch, x is the look-ahead point, where the gradient is evaluated.

    Y. Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k^2)", 1983;
    I. Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013,
    equations 3 and 4.

    >>> Nesterov(learning_rate=0.1).update(Local(np.array([3.0]), np.array([6.0])), (np.array([0.0]),)).x
    array([1.86])
    """

    title: ClassVar[str] = "Nesterov"
    first: ClassVar[tuple[float, ...]] = (0.0,)
    learning_rate: float = positive(0.01)
    momentum: float = fraction(0.9)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr (g + mu b)."""
        b = self.momentum * state[0] + at.g
        ahead = at.g + self.momentum * b
        return Update(at.x - self.learning_rate * ahead, (b,), ahead)


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """AdaGrad: steps divided by the root of the sum of all squared gradients.

        h <- h + g^2                                h = 0 at the start
        x <- x - lr g / (sqrt(h) + eps)             eps is outside the root, as in PyTorch

    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", JMLR 12, 2011.

    >>> AdaGrad(learning_rate=0.5).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0,)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "AdaGrad"
    first: ClassVar[tuple[float, ...]] = (0.0,)
    learning_rate: float = positive(0.01)
    eps: float = not_negative(1e-10)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g / (sqrt(h) + eps)."""
        h = state[0] + at.g**2
        xp = at.x.__array_namespace__()
        return Update(at.x - self.learning_rate * at.g / (xp.sqrt(h) + self.eps), (h,), at.g)


@dataclass(frozen=True)
class RmsProp(Optimizer):
    """RMSprop: steps divided by the root mean square of recent gradients.

        h <- rho h + (1 - rho) g^2                  rho = `decay`, h = 0 at the start
        x <- x - lr g / (sqrt(h) + eps)

    The default of `decay` is PyTorch's; the lecture has 0.9.

    T. Tieleman and G. Hinton, "Neural networks for machine learning", lecture 6.5, 2012.

    >>> RmsProp(0.1, decay=0.75, eps=0.0).update(Local(np.array([3.0]), np.array([6.0])), (0.0,)).x
    array([2.8])
    """

    title: ClassVar[str] = "RMSprop"
    first: ClassVar[tuple[float, ...]] = (0.0,)
    learning_rate: float = positive(0.01)
    decay: float = fraction(0.99)
    eps: float = not_negative(1e-8)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr g / (sqrt(h) + eps)."""
        h = self.decay * state[0] + (1 - self.decay) * at.g**2
        xp = at.x.__array_namespace__()
        return Update(at.x - self.learning_rate * at.g / (xp.sqrt(h) + self.eps), (h,), at.g)


@dataclass(frozen=True)
class AdaDelta(Optimizer):
    """Adadelta: steps in the units of x, without a learning rate to choose.

        h <- rho h + (1 - rho) g^2                  mean square of gradients, h = 0 at the start
        d = g sqrt(u + eps) / sqrt(h + eps)
        u <- rho u + (1 - rho) d^2                  mean square of steps, u = 0 at the start
        x <- x - lr d                               lr = 1 in the paper

    The default of `rho` is PyTorch's; the paper has 0.95.

    M. D. Zeiler, "ADADELTA: An adaptive learning rate method", arXiv:1212.5701, 2012, algorithm 1.

    >>> AdaDelta(rho=0.75, eps=1.0).update(Local(np.array([3.0]), np.array([2.0])), (0.0, 3.0)).x.round(6)
    array([0.171573])
    """

    title: ClassVar[str] = "Adadelta"
    first: ClassVar[tuple[float, ...]] = (0.0, 0.0)
    learning_rate: float = positive(1.0)
    rho: float = fraction(0.9)
    eps: float = not_negative(1e-6)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr d."""
        xp = at.x.__array_namespace__()
        h, u = state
        h = self.rho * h + (1 - self.rho) * at.g**2
        d = at.g * (xp.sqrt(u + self.eps) / xp.sqrt(h + self.eps))
        u = self.rho * u + (1 - self.rho) * d**2
        return Update(at.x - self.learning_rate * d, (h, u), at.g)


@dataclass(frozen=True)
class _Moments(Optimizer):
    """Base class of Adam's variants: exponential moving averages of g and g^2.

    m <- b1 m + (1 - b1) g                      first moment, m = 0 at the start
    v <- b2 v + (1 - b2) g^2                    second moment, v = 0 at the start
    """

    first: ClassVar[tuple[float, ...]] = (0.0, 0.0)
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

    D. P. Kingma and J. Ba, "Adam: A method for stochastic optimization", ICLR 2015, algorithm 1.

    >>> Adam(learning_rate=0.5).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0, 0.0)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "Adam"

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

    The paper has no bias correction; m' and w' are those of PyTorch.

    S. J. Reddi, S. Kale and S. Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2.

    >>> AmsGrad(0.5, eps=0.0).update(Local(np.array([3.0]), np.array([6.0])), (0.0, 0.0, 0.144)).x
    array([2.75])
    """

    title: ClassVar[str] = "AMSGrad"
    first: ClassVar[tuple[float, ...]] = (0.0, 0.0, 0.0)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr m' / (sqrt(w') + eps)."""
        m, v = self._moments(at, state)
        w = at.x.__array_namespace__().maximum(state[2], v)
        x, m_hat = self._step(at.x, m, w, at.t)
        return Update(x, (m, v, w), m_hat)


@dataclass(frozen=True)
class AdamW(_Moments):
    """AdamW: Adam with decoupled weight decay.

        x <- x - lr wd x                            shrinks x towards 0
        x <- x - lr m' / (sqrt(v') + eps)           Adam's update, with g at the point before the decay

    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.

    >>> AdamW(0.5, weight_decay=0.2).update(Local(np.array([3.0]), np.array([6.0])), (0.0, 0.0)).x
    array([2.2])
    """

    title: ClassVar[str] = "AdamW"
    weight_decay: float = not_negative(0.01)

    def update(self, at: Local, state: State) -> Update:
        """Return Adam's update of (1 - lr wd) x."""
        m, v = self._moments(at, state)
        x, m_hat = self._step(at.x * (1 - self.learning_rate * self.weight_decay), m, v, at.t)
        return Update(x, (m, v), m_hat)


@dataclass(frozen=True)
class Nadam(_Moments):
    """Nadam: Adam with Nesterov momentum.

        mu_t = b1 (1 - 0.96^(t psi) / 2)            momentum schedule, psi = `momentum_decay`
        n = (1 - mu_t) / (1 - mu_1 ... mu_t) g + mu_t+1 / (1 - mu_1 ... mu_t+1) m
        x <- x - lr n / (sqrt(v') + eps)            with v' = v / (1 - b2^t); m and v as in Adam

    T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.

    >>> x = np.array([3.0])
    >>> Nadam(0.5, momentum_decay=0.0, eps=0.0).update(Local(x, np.array([6.0])), Nadam().init(x)).x.round(6)
    array([2.471787])
    """

    title: ClassVar[str] = "Nadam"
    first: ClassVar[tuple[float, ...]] = (0.0, 0.0, 1.0)  # m, v and the product mu_1 ... mu_t
    learning_rate: float = positive(0.002)
    momentum_decay: float = not_negative(0.004)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr n / (sqrt(v') + eps)."""
        m, v = self._moments(at, state)
        mu, following = self._mu(at.t), self._mu(at.t + 1)
        product = state[2] * mu
        mean = (1 - mu) / (1 - product) * at.g + following / (1 - product * following) * m
        scale = at.x.__array_namespace__().sqrt(v / (1 - self.b2**at.t)) + self.eps
        return Update(at.x - self.learning_rate * mean / scale, (m, v, product), mean)

    def _mu(self, t: int) -> float:
        return float(self.b1 * (1 - 0.5 * _SCHEDULE_BASE ** (t * self.momentum_decay)))


@dataclass(frozen=True)
class Lion(Optimizer):
    """Lion: evolved sign momentum, with decoupled weight decay.

        x <- x - lr (sign(b1 m + (1 - b1) g) + wd x)
        m <- b2 m + (1 - b2) g                      first moment, m = 0 at the start

    X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, algorithm 2.

    >>> Lion(0.5, weight_decay=0.0).update(Local(np.array([3.0, 4.0]), np.array([6.0, -8.0])), (0.0,)).x
    array([2.5, 4.5])
    """

    title: ClassVar[str] = "Lion"
    first: ClassVar[tuple[float, ...]] = (0.0,)
    learning_rate: float = positive(1e-4)
    b1: float = fraction(0.9)
    b2: float = fraction(0.99)
    weight_decay: float = not_negative(1e-3)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr (sign(b1 m + (1 - b1) g) + wd x)."""
        (m,) = state
        mean = self.b1 * m + (1 - self.b1) * at.g
        m = self.b2 * m + (1 - self.b2) * at.g
        sign = at.x.__array_namespace__().sign(mean)
        return Update(at.x - self.learning_rate * (sign + self.weight_decay * at.x), (m,), mean)


@dataclass(frozen=True)
class Newton(Optimizer):
    """Newton's method with the pseudoinverse of the Hessian H (..., D, D).

        x <- x - lr H^+ g                           lr = 1 solves a quadratic in one update

    A singular H gives the minimum-norm least-squares solution s of H s = g; x is NaN where H is not finite.
    The method converges to any critical point, also to a saddle or a maximum.

    J. Nocedal and S. J. Wright, "Numerical optimization", 2nd edition, 2006, section 3.3.

    >>> Newton().update(Local(np.array([3.0]), np.array([6.0]), hessian=np.array([[2.0]])), ()).x
    array([0.])
    """

    title: ClassVar[str] = "Newton"
    needs_hessian: ClassVar[bool] = True
    learning_rate: float = positive(1.0)

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr H^+ g."""
        assert at.hessian is not None  # noqa: S101 - `needs_hessian` is True
        xp = at.x.__array_namespace__()
        finite = xp.asarray(xp.isfinite(at.hessian).all(axis=(-2, -1)))
        inverse = xp.linalg.pinv(xp.where(finite[..., None, None], at.hessian, 0.0), hermitian=True)
        steps = xp.where(finite[..., None], (inverse @ at.g[..., None])[..., 0], xp.nan)
        return Update(at.x - self.learning_rate * steps, state, at.g)
