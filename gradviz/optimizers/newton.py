"""Steps to where the quadratic that touches the function is flat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class Newton(Optimizer):
    """Newton's method: x <- x - lr H^-1 g, with the Hessian H; at lr = 1 a quadratic takes one update.

    Where H is singular, the shortest of the steps that solve H s = g best. Its goal is any critical point,
    also a saddle or a maximum. Nocedal and Wright, "Numerical optimization", 2nd edition, section 3.3.

    >>> import numpy as np
    >>> Newton().update(Local(np.array([3.0]), np.array([6.0]), hessian=np.array([[2.0]])), ()).x
    array([0.])
    """

    title: ClassVar[str] = "Newton"
    needs_hessian: ClassVar[bool] = True
    learning_rate: float = positive(1.0)

    def init(self, x: Floats) -> State:  # noqa: ARG002 - it remembers nothing
        """Return nothing."""
        return ()

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr H^-1 g, NaN where there is no H."""
        import numpy as np

        assert at.hessian is not None  # noqa: S101 - it says that it needs one
        there = np.asarray(np.isfinite(at.hessian).all(axis=(-2, -1)))
        inverse = np.linalg.pinv(np.where(there[..., None, None], at.hessian, 0.0), hermitian=True)
        steps = np.where(there[..., None], (inverse @ at.g[..., None])[..., 0], np.nan)
        return Update(at.x - self.learning_rate * steps, state, at.g)
