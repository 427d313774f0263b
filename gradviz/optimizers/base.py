"""Base class of optimizers: hyperparameters as frozen values, one update as a pure function.

Help and the checks of a spec list optimizers without NumPy. So the modules of this package, except `paths`,
import no array library: an update uses the namespace of its arrays, as the array API standard defines it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from gradviz.errors import RequestError

if TYPE_CHECKING:
    from gradviz.arrays import Floats

State = tuple["Floats", ...]
"""Arrays (..., D) that an optimizer keeps between updates, such as moments of the gradient."""


class Local(NamedTuple):
    """Input of an update: points x (..., D), the gradient g (..., D) and the Hessian (..., D, D) there."""

    x: Floats
    g: Floats
    t: int = 1
    """Number of the update, from 1."""
    hessian: Floats | None = None
    """None unless the optimizer `needs_hessian`."""


class Update(NamedTuple):
    """Result of an update: the next points (..., D), and the state for the next update."""

    x: Floats
    state: State
    mean: Floats
    """Search direction (..., D) before each coordinate is scaled: g, or g averaged with momentum."""


def positive(default: float) -> float:
    """Return the dataclass field of a hyperparameter > 0."""
    return field(default=default, metadata={"rule": "above 0", "holds": lambda value: value > 0})


def not_negative(default: float) -> float:
    """Return the dataclass field of a hyperparameter >= 0."""
    return field(default=default, metadata={"rule": "0 or more", "holds": lambda value: value >= 0})


def fraction(default: float) -> float:
    """Return the dataclass field of a hyperparameter in [0, 1)."""
    rule = "0 or more and below 1"
    return field(default=default, metadata={"rule": rule, "holds": lambda value: 0 <= value < 1})


@dataclass(frozen=True)
class Optimizer(ABC):
    """Base class of optimizers; the fields are the hyperparameters.

    `learning_rate` may also be an array that broadcasts against the points (..., D). Raises RequestError for
    a number out of its range.
    """

    title: ClassVar[str]
    """The name as the papers write it."""
    needs_hessian: ClassVar[bool] = False
    first: ClassVar[tuple[float, ...]] = ()
    """The value of each array of the state before the first update, in all its elements."""

    learning_rate: float

    def __post_init__(self) -> None:
        for parameter in fields(self):
            value = getattr(self, parameter.name)
            if isinstance(value, (int, float)) and not parameter.metadata["holds"](value):
                raise RequestError(f"{parameter.name} must be {parameter.metadata['rule']}, got {value:g}")

    @classmethod
    def hyperparameters(cls) -> Mapping[str, float]:
        """Return the default of each hyperparameter by name."""
        return {parameter.name: cast("float", parameter.default) for parameter in fields(cls)}

    @property
    def label(self) -> str:
        """The title, the learning rate, and the other hyperparameters that differ from their defaults."""
        defaults = self.hyperparameters()
        values = {key: value for key, value in asdict(self).items() if value != defaults[key]}
        shown = {"learning_rate": self.learning_rate, **values}
        return ", ".join([self.title, *(f"{key.replace('_', ' ')} {shown[key]:g}" for key in shown)])

    def init(self, x: Floats) -> State:
        """Return the state before the first update from points (..., D)."""
        return tuple(0 * x + value for value in self.first)

    @abstractmethod
    def update(self, at: Local, state: State) -> Update:
        """Return the next points and state; nothing is changed in place."""
