"""Fonts of a picture: those of its style, and others for characters that these lack."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font

from gradviz.errors import Message, listed
from gradviz.process import installed_fonts
from gradviz.scene.scene import Frames, Scene, texts_of

_NUMBERS = "0123456789.\N{MINUS SIGN}"  # characters of ticks
_UNSEEN = ("Cc", "Cf", "Zs")  # categories of characters without a shape
_OURS = ("DejaVu", "STIXGeneral")  # fonts of Matplotlib that assign characters as Unicode does
_SERIF_PANOSE = range(2, 11)  # the second digit of PANOSE: serif styles
_SERIF_NAMES = ("serif", "mincho", "ming", "song", "batang", "stix", "times", "roman")
_PACKAGES = (  # beginnings of Unicode names, and a font that has the characters
    (("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC"), "Noto Sans CJK (package fonts-noto-cjk)"),
    (("",), "Noto Sans (package fonts-noto-core)"),
)


def with_fonts(scene: Scene | Frames) -> Scene | Frames:
    """Return a scene with fonts for all characters of its texts, and a warning of those that no font has."""
    scenes = scene.scenes if isinstance(scene, Frames) else (scene,)
    style = scenes[0].style
    used = {character for one in scenes for text in texts_of(one) for character in text}
    lacking = _lacking(style.font_family, used.union(_NUMBERS))
    if not lacking:
        return scene
    installed = tuple(installed_fonts())  # with those that are new
    families, without = _families(frozenset(lacking), installed, has_serifs=style.has_serifs)
    warnings = (*scene.warnings, *([_warning(without)] if without else []))
    if isinstance(scene, Scene):
        return replace(scene, style=replace(style, fallbacks=families), warnings=warnings)
    frames = (replace(one, style=replace(one.style, fallbacks=families)) for one in scenes)
    return replace(scene, scenes=tuple(frames), warnings=warnings)


def has_serifs(family: str) -> bool:
    """Return whether a font family has serifs, by its PANOSE class or else by its name."""
    table = get_font(_path(family)).get_sfnt_table("OS/2")
    panose = bytes(2) if table is None else table["panose"]
    if panose[0] == 2 and panose[1] > 1:
        return panose[1] in _SERIF_PANOSE
    return _is_named_serif(family)


def _is_named_serif(family: str) -> bool:
    return "sans" not in family.lower() and any(part in family.lower() for part in _SERIF_NAMES)


def _path(family: str) -> str:
    """Return the file of the regular face of a family: a list of names is no pattern of Fontconfig."""
    return findfont(FontProperties(family=[family]))


def _lacking(family: str, characters: Iterable[str]) -> set[str]:
    """Return the visible characters that a family lacks."""
    has = get_font(_path(family)).get_char_index
    return {c for c in characters if not has(ord(c)) and unicodedata.category(c) not in _UNSEEN}


@lru_cache(maxsize=64)
def _families(
    lacking: frozenset[str], installed: tuple[str, ...], *, has_serifs: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return families that have as many of some characters as any have, and the characters without one.

    The family with most of them is first, so that the characters of a language have one family.
    """
    del installed  # fonts that are known once they are installed
    chosen: list[str] = []
    left = set(lacking)
    coverage = {family: left & _characters(entry, lacking) for family, entry in _faces().items()}
    while left:
        best = max(
            coverage, key=lambda family: _rank(family, len(coverage[family] & left), has_serifs=has_serifs)
        )
        if not coverage[best] & left:
            break
        chosen.append(best)
        left -= coverage[best]
    return tuple(chosen), tuple(sorted(left))


def _rank(family: str, count: int, *, has_serifs: bool) -> tuple[object, ...]:
    """Return the rank of a family that has `count` characters: those of the same kind are before others."""
    name = family.lower()
    return count, _is_named_serif(name) == has_serifs, "mono" not in name, -len(name), name


def _faces() -> dict[str, FontEntry]:
    """Return the most regular face of each family of text."""
    own = Path(mpl.get_data_path())
    faces: dict[str, FontEntry] = {}
    for entry in fontManager.ttflist:
        is_text = entry.name.startswith(_OURS) or not Path(entry.fname).is_relative_to(own)
        if is_text and (entry.name not in faces or _distance(entry) < _distance(faces[entry.name])):
            faces[entry.name] = entry
    return faces


def _distance(entry: FontEntry) -> tuple[object, ...]:
    """Return the distance of a face from a regular one."""
    weight = 400 if entry.weight in ("normal", "regular") else entry.weight
    return entry.style != "normal", abs(weight - 400) if isinstance(weight, int) else 400, str(entry.fname)


def _characters(entry: FontEntry, wanted: frozenset[str]) -> set[str]:
    """Return the characters that a face has; a damaged font has none."""
    try:
        has = get_font(entry.fname).get_char_index
        return {character for character in wanted if has(ord(character))}
    except Exception:  # noqa: BLE001 - of FreeType or Matplotlib, over a damaged font file
        return set()


def _warning(characters: tuple[str, ...]) -> Message:
    """Return the warning of characters that no font has, with fonts that do and their packages."""
    shown = listed(list(map(_named, characters)))
    fonts = dict.fromkeys(map(_font_for, characters))
    return Message(f"no installed font has {shown}; install a font that has, such as {', '.join(fonts)}")


def _named(character: str) -> str:
    """Return a character with its code point, which a terminal without its font shows, too."""
    is_alone = character.isprintable() and not unicodedata.category(character).startswith("M")
    return f"{character} (U+{ord(character):04X})" if is_alone else f"U+{ord(character):04X}"


def _font_for(character: str) -> str:
    """Return the name of a font that has a character, and its package."""
    name = unicodedata.name(character, "")
    return next(font for starts, font in _PACKAGES if name.startswith(starts))
