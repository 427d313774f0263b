"""The formats of files that pictures are written in: one class each, and one line here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gradviz.errors import Message, Ref, RequestError
from gradviz.registry import Registry

if TYPE_CHECKING:
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec


class Inside(NamedTuple):
    """The metadata of a picture."""

    software: str
    title: str
    """The name of the picture, in one line."""
    description: str
    """What it shows, as an alternative text."""
    memory: str
    """The spec, as ASCII text, from which the picture can be drawn again."""


class Encoded(NamedTuple):
    """The content of a file, and warnings of what it does not show."""

    content: bytes
    warnings: tuple[Message, ...] = ()


class Format(ABC):
    """A format of files. Nothing heavy is imported before something is encoded."""

    moves: ClassVar[bool] = False
    """Whether it shows animations."""

    def refuse(self, spec: Spec) -> None:  # noqa: B027 - most formats hold any picture
        """Raise RequestError for a picture that the format cannot hold."""

    @abstractmethod
    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return a scene as the content of a file; `advance` is called after each frame.

        Raises RequestError for a scene that the format cannot hold.
        """

    def is_as_written(self, content: bytes) -> bool:  # noqa: ARG002 - pictures are not changed by hand
        """Return whether a file of this format has not been changed since gradviz wrote it."""
        return True

    @abstractmethod
    def memory_in(self, content: bytes) -> str | None:
        """Return the text that gradviz left in a file of this format, None for any other content."""


FORMATS: Registry[Format] = Registry(
    "gradviz.output",
    {
        "png": "mpl.files.Png",
        "svg": "mpl.files.Svg",
        "pdf": "mpl.files.Pdf",
        "gif": "mpl.files.Gif",
        "py": "script.Script",
        "html": "page.html.Page",
    },
    make=lambda form: form(),
)
"""The formats by their suffixes."""
STILLS = ("png", "svg", "pdf")
"""The formats of pictures that stand still and need nothing else, the usual one first."""
MOVING = "gif"
"""The format of a picture that moves."""
_NO_PAGES = ("quiver", "stream", "pairs")
"""Kinds of figures with marks that a page does not know. Help needs them before any import."""
_SCRIPTS = ("tangent", "surface", "contour", "quiver", "stream", "descent")
"""Kinds of figures that can be scripts, whose code names what its arrays are."""


def formats_of(kind: type[Spec]) -> tuple[str, ...]:
    """Return the formats that can hold a kind of figure, for some of its fields at least."""
    name = kind.model_fields["kind"].default
    without = {"html": name in _NO_PAGES, "py": name not in _SCRIPTS}
    return tuple(form for form in FORMATS if not without.get(form))


def refuse_sweep(spec: Spec, what: str) -> None:
    """Raise RequestError for several pictures, or an animation, in a format of one still picture."""
    if spec.sweep or spec.animated_by != "animate":
        others = f"; write .{', .'.join(STILLS)} or .{MOVING}"
        raise RequestError(f"{what} shows one picture, without ", Ref("sweep"), " and ", Ref("spin"), others)


def ours(text: str | None) -> str | None:
    """Return a text if it is one that gradviz wrote, and not another program's in the same place."""
    return text if text is not None and text.startswith('{"gradviz"') else None
