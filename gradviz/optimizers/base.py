"""What optimizers share: hyperparameters as a frozen value, and one update as a pure function.

No NumPy is imported here or in the families at the top: names and hyperparameters are listed in help and
checked in refusals, which must not wait for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from gradviz.errors import RequestError

if TYPE_CHECKING:
    from gradviz.arrays import Floats

State = tuple["Floats", ...]
"""What an optimizer remembers between updates, arrays in the shape of the points."""


class Local(NamedTuple):
    """What an optimizer is told before an update."""

    x: Floats
    """The points (..., D)."""
    g: Floats
    """The gradient (..., D) there."""
    t: int = 1
    """The number of the update, from 1."""
    hessian: Floats | None = None
    """The second derivatives (..., D, D), for an optimizer that needs them."""


class Update(NamedTuple):
    """What an optimizer answers."""

    x: Floats
    """The next points (..., D)."""
    state: State
    mean: Floats
    """What stood for the gradient (..., D), before it was scaled: the gradient itself, or with momentum."""


def positive(default: float) -> Any:
    """Return the field of a hyperparameter above 0."""
    return field(default=default, metadata={"rule": "above 0", "holds": lambda value: value > 0})


def not_negative(default: float) -> Any:
    """Return the field of a hyperparameter of 0 or more."""
    return field(default=default, metadata={"rule": "0 or more", "holds": lambda value: value >= 0})


def fraction(default: float) -> Any:
    """Return the field of a hyperparameter in [0, 1)."""
    rule = "0 or more and below 1"
    return field(default=default, metadata={"rule": rule, "holds": lambda value: 0 <= value < 1})


@dataclass(frozen=True)
class Optimizer(ABC):
    """A way downhill. Its fields are the hyperparameters; an array of them broadcasts against the points.

    Raises RequestError for a number that a hyperparameter cannot be.
    """

    title: ClassVar[str]
    """The name as the papers write it."""
    needs_hessian: ClassVar[bool] = False

    learning_rate: float

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, (int, float)) and not part.metadata["holds"](value):
                raise RequestError(f"{part.name} must be {part.metadata['rule']}, not {value:g}")

    @classmethod
    def hyperparameters(cls) -> Mapping[str, float]:
        """Return the names of the hyperparameters with their defaults."""
        return {part.name: cast("float", part.default) for part in fields(cls)}

    @property
    def label(self) -> str:
        """The title with the learning rate and what else is not as usual."""
        usual = self.hyperparameters()
        shown = [
            f"{key.replace('_', ' ')} {value:g}"
            for key, value in asdict(self).items()
            if key == "learning_rate" or value != usual[key]
        ]
        return ", ".join([self.title, *shown])

    @abstractmethod
    def init(self, x: Floats) -> State:
        """Return what is remembered before the first update from points (..., D)."""

    @abstractmethod
    def update(self, at: Local, state: State) -> Update:
        """Return the next points and what is remembered; nothing is changed in place."""
