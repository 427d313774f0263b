"""Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gradviz.optimizers.base import Local, Optimizer, State, Update, positive

if TYPE_CHECKING:
    from gradviz.arrays import Floats


@dataclass(frozen=True)
class Newton(Optimizer):
    """Newton's method with the pseudoinverse of the Hessian H.

        x <- x - lr H^+ g

    x and g have the shape (..., D), H (..., D, D); `learning_rate` > 0, and 1 solves a quadratic in one
    update. A singular H gives the minimum-norm least-squares solution s of H s = g; x is NaN where H is not
    finite. The method converges to any critical point, also to a saddle or a maximum.

    J. Nocedal and S. J. Wright, "Numerical optimization", 2nd edition, 2006, section 3.3.

    >>> import numpy as np
    >>> Newton().update(Local(np.array([3.0]), np.array([6.0]), hessian=np.array([[2.0]])), ()).x
    array([0.])
    """

    title: ClassVar[str] = "Newton"
    needs_hessian: ClassVar[bool] = True
    learning_rate: float = positive(1.0)

    def init(self, x: Floats) -> State:  # noqa: ARG002 - the state is empty
        """Return the empty state."""
        return ()

    def update(self, at: Local, state: State) -> Update:
        """Return x - lr H^+ g."""
        assert at.hessian is not None  # noqa: S101 - `needs_hessian` is True
        xp = at.x.__array_namespace__()
        finite = xp.asarray(xp.isfinite(at.hessian).all(axis=(-2, -1)))
        inverse = xp.linalg.pinv(xp.where(finite[..., None, None], at.hessian, 0.0), hermitian=True)
        steps = xp.where(finite[..., None], (inverse @ at.g[..., None])[..., 0], xp.nan)
        return Update(at.x - self.learning_rate * steps, state, at.g)
