"""Fonts: one family in a picture, and others for characters that it lacks."""

from __future__ import annotations

import unicodedata

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text

import gradviz
from gradviz.errors import RequestError
from gradviz.output.metadata import described_scene, encode
from gradviz.output.mpl.mathtext import Parser
from gradviz.specs import KINDS
from gradviz.specs.fonts import check_font

RARE = "\N{EGYPTIAN HIEROGLYPH A001}\N{EGYPTIAN HIEROGLYPH A002}"  # characters of no font that CI installs
FAMILY = "Gradviz Test-Face: 1"  # with characters that have a meaning in Fontconfig's patterns
SYMBOLS = ("STIXSize", "cmsy10", "cmex10")  # of roots, brackets and norms in formulas
SMALL = {"expression": "x0**2 + 3*x1", "samples": 5, "dpi": 40}


def build_font(path, family, characters):
    """Write a font whose characters are filled squares."""
    pen = TTGlyphPen(None)
    for step, place in enumerate([(100, 0), (100, 700), (800, 700), (800, 0)]):
        (pen.lineTo if step else pen.moveTo)(place)
    pen.closePath()
    glyphs = {f"u{ord(character):X}": pen.glyph() for character in characters}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *glyphs])
    builder.setupCharacterMap({ord(character): f"u{ord(character):X}" for character in characters})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *glyphs], (900, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    builder.save(path)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a font after Matplotlib has listed those of the machine."""
    known = [*font_manager.fontManager.ttflist]
    files = []
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_, **__: files)

    def call(family, characters):
        files.append(str(tmp_path / f"{len(files)}.ttf"))
        build_font(files[-1], family, characters)

    yield call
    font_manager.fontManager.ttflist[:] = known
    font_manager.fontManager._findfont_cached.cache_clear()


def families(figure):
    """Return the families of the fonts with which Matplotlib draws the texts of a figure."""
    found = set()
    with figure.own_settings():
        figure.draw_without_rendering()
        for text in figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_text()):
            font = text.get_fontproperties()
            words = text.get_text()
            if text.get_parse_math() and "$" in words:
                glyphs = [
                    glyph
                    for line in words.split("\n")
                    for glyph in MathTextParser("path").parse(line, 72, font).glyphs
                ]
                found |= {glyph[0].family_name for glyph in glyphs}
            else:
                found.add(font_manager.get_font(font_manager.findfont(font)).family_name)
    return found


def is_of(family, name):
    """Return whether a font belongs to a family, or has the larger brackets and roots of its formulas."""
    return name.startswith(family.removesuffix("General"))


PICTURES = [
    gradviz.Quiver(**SMALL),
    gradviz.Tangent(expression="exp(-x**2/2)*sqrt(abs(x))", at=[1], derivative=True, samples=9, dpi=40),
    gradviz.Surface(**SMALL, title="words", xlabel="words"),
    gradviz.Descent(**SMALL, loss=True),
    gradviz.Pairs(expression="x0**2 + 3*x1", dpi=40),
    gradviz.Contour(expression="1e-9*x0*x1 + a", samples=5, sweep={"a": (1, 2)}, labels=True, dpi=40),
]


@pytest.mark.parametrize("spec", PICTURES, ids=lambda spec: spec.kind)
@pytest.mark.parametrize(
    ("fields", "family"),
    [
        ({"style": "default"}, "STIXGeneral"),
        ({"style": "paper"}, "STIXGeneral"),
        ({"style": "dark"}, "STIXGeneral"),
        ({"style": "book"}, "DejaVu Sans"),
        ({"font": "dejavu serif"}, "DejaVu Serif"),
        ({"font": "DejaVu Sans", "style": "paper"}, "DejaVu Sans"),
    ],
)
def test_numbers_words_and_formulas_have_one_family(spec, fields, family):
    """In each style, and with a font of the user's, all texts of a picture are of one family."""
    figure = gradviz.render(type(spec)(**{**spec.to_dict(), **fields}))
    own = {name for name in families(figure) if is_of(family, name)}
    assert own
    assert all(name.startswith(SYMBOLS) for name in families(figure) - own)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "steps"])
def test_formulas_have_the_letters_of_the_users_font(kind, install):
    """Names and numbers in formulas are of the font; a symbol that it lacks is of another one."""
    install(FAMILY, "".join(map(chr, range(32, 127))))
    expression = "x0**2" if kind == "tangent" else "x0**2 + 3*x1"
    assert FAMILY in families(gradviz.render(KINDS[kind](expression=expression, font=FAMILY, dpi=40)))


@pytest.mark.parametrize("size", [5, 16])
@pytest.mark.parametrize("fields", [{}, {"size": (3, 2.5)}, {"sweep": {"a": (1, 2, 3)}}])
def test_a_font_size_holds_in_figures_of_any_size(size, fields):
    """Numbers have the size that was asked for, where the default would be smaller in small panels."""
    factor = "a*" if "sweep" in fields else ""
    spec = gradviz.Contour(**{**SMALL, "expression": f"{factor}x0**2 + 3*x1"}, font_size=size, **fields)
    for axes in gradviz.render(spec).axes[: len(spec.numbers) or 1]:
        assert {tick.label1.get_fontsize() for tick in axes.xaxis.get_major_ticks()} == {size}


# Characters that a font lacks -----------------------------------------------------------------------------


def test_a_character_that_the_font_lacks_is_of_an_installed_font(install):
    """Per character: Latin letters keep the font of the style, others have one that was just installed."""
    install("Gradviz Rare", RARE)
    spec = gradviz.Contour(**SMALL, title=f"A{RARE}", xlabel="\N{HEBREW LETTER ALEF}")
    scene = described_scene(spec)
    assert scene.style.font_family == "STIXGeneral"
    assert scene.style.fallbacks == ("Gradviz Rare", "DejaVu Sans")  # most characters first
    assert scene.warnings == ()
    assert gradviz.render(spec).axes[0].title.get_fontfamily() == [
        "STIXGeneral",
        "Gradviz Rare",
        "DejaVu Sans",
    ]
    assert (
        '"font.family": ["STIXGeneral", "Gradviz Rare", "DejaVu Sans"]'
        in encode(scene, spec, "py").content.decode()
    )


def test_the_font_of_a_text_has_most_of_its_characters(install):
    """Characters of one script have one font, where one has them all."""
    install("A", RARE[0])
    install("B", RARE)
    install("C", RARE[1])
    assert described_scene(gradviz.Contour(**SMALL, title=RARE)).style.fallbacks == ("B",)


@pytest.mark.parametrize(
    ("text", "package"),
    [
        (RARE, "fonts-noto-core"),
        ("\N{CJK UNIFIED IDEOGRAPH-9FFF}", "fonts-noto-cjk"),
        ("\N{HANGUL SYLLABLE GAGG}", "fonts-noto-cjk"),
    ],
)
@pytest.mark.parametrize("place", ["title", "xlabel", "ylabel"])
def test_a_character_that_no_font_has_is_named_with_a_package(text, package, place, install):
    """A warning names each character and a font to install; the picture is drawn with boxes."""
    del install
    for entry in font_manager.fontManager.ttflist:  # another font of the machine may have them
        if "LastResort" not in entry.fname and font_manager.get_font(entry.fname).get_char_index(
            ord(text[0])
        ):
            pytest.skip("a font has it")
    (warning,) = described_scene(gradviz.Contour(**SMALL, **{place: text})).warnings
    assert all(character in warning and f"U+{ord(character):04X}" in warning for character in text)
    assert package in warning


@pytest.mark.parametrize("form", ["png", "gif", "py", "html"])
def test_a_command_warns_of_missing_characters(form, run, here):
    """The note is on standard error, whatever the format; nothing else is."""
    moves = ("--sweep", "a=1:2:2", "--animate") if form == "gif" else ("--set", "a=1")
    answer = run("contour", "a*x*y", *moves, "-n", "5", "--dpi", "30", "--title", RARE, "-o", f"f.{form}")
    assert answer.code == 0
    assert answer.err.count("\n") == 1
    assert "U+13000" in answer.err
    assert (here / f"f.{form}").exists()


def test_a_damaged_font_is_skipped(install, tmp_path):
    """A file that is no font, or half of one, neither ends a command nor is chosen."""
    install("Gradviz Rare", RARE)
    font_manager.findSystemFonts().extend([str(tmp_path / "half.ttf"), str(tmp_path / "none.ttf")])
    whole = (tmp_path / "0.ttf").read_bytes()
    (tmp_path / "half.ttf").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "none.ttf").write_bytes(b"no font")
    assert described_scene(gradviz.Contour(**SMALL, title=RARE)).style.fallbacks == ("Gradviz Rare",)


def test_text_of_the_styles_own_font_needs_no_search(monkeypatch):
    """Neither the labels of gradviz nor words with accents look for fonts."""
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_, **__: pytest.fail("searched"))
    for spec in PICTURES:
        for style in ("default", "paper", "dark", "book"):
            shown = type(spec)(**{**spec.to_dict(), "style": style})
            assert described_scene(shown).style.fallbacks == ()
    assert described_scene(gradviz.Contour(**SMALL, title="Größe, naïveté, год")).style.fallbacks == ()


# Names of fonts -------------------------------------------------------------------------------------------


def test_a_font_is_found_however_its_name_is_written():
    """The case of letters and spaces around make no difference; the kept name is the installed one."""
    assert check_font(" dejavu SANS mono ") == "DejaVu Sans Mono"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("DejaVu San", "did you mean 'DejaVu Sans'?"),
        ("serif", "DejaVu Serif"),
        ("", "DejaVu Sans"),
        ("../../etc/passwd", "DejaVu Sans"),
        (font_manager.findfont("DejaVu Sans"), "DejaVu Sans"),
        ("DejaVu Sans:bold", "DejaVu Sans"),
        ("{0.__class__}", "DejaVu Sans"),
        ("\x1b[31m" * 50, "DejaVu Sans"),
    ],
)
def test_a_font_that_is_not_installed_is_refused_with_near_names(name, hint, run, here):
    """A name is data: no path, no pattern. One line says what came, with exit code 2 and no file."""
    with pytest.raises(RequestError):
        gradviz.Contour(**SMALL, font=name)
    answer = run("contour", "x*y", "--font", name)
    assert answer.code == 2
    assert answer.err.startswith("error: --font: must be the name of an installed font, got ")
    assert hint in answer.err
    assert answer.err.count("\n") == 1
    assert not any(unicodedata.category(character) == "Cc" for character in answer.err.rstrip("\n"))
    assert not [*here.iterdir()]


@pytest.mark.parametrize("size", [3.9, 41, "big"])
def test_a_font_size_out_of_range_is_refused(size, run, here):
    """The limits are 4 and 40 points."""
    answer = run("contour", "x*y", "--font-size", str(size))
    assert answer.code == 2
    assert "--font-size: " in answer.err
    assert not [*here.iterdir()]


def test_a_font_name_is_escaped_on_a_page(install, here):
    """A font can be named as markup: a page has the name as an escaped string of CSS."""
    name = "</style><script>alert(1)</script>'\\"
    install(name, "abc")
    spec = gradviz.Contour(**SMALL, font=name)
    page = encode(described_scene(spec), spec, "html").content.decode()
    head = page[: page.index("<body>")].replace(gradviz_memory(page), "")
    assert "<script>" not in head
    assert "alert(1)" not in head
    assert gradviz.load(gradviz.save(spec, here / "f.png")) == spec


def gradviz_memory(page):
    """Return the spec inside a page, which is escaped as HTML."""
    return next(line for line in page.splitlines() if line.startswith('<meta name="gradviz" '))


def test_fonts_are_part_of_what_is_known_of_a_text(install):
    """One parser gives the glyphs of each font, also where two have the same text and size."""
    install(FAMILY, "x0123456789+=")
    shared = Parser()
    for font in ("DejaVu Sans", FAMILY, None, "DejaVu Serif", FAMILY):
        figure = gradviz.render(gradviz.Contour(**SMALL, font=font))
        with figure.own_settings():
            title = figure.axes[0].title
            found = shared.parse("$x + 1$", 72, title.get_fontproperties())
            expected = MathTextParser("path").parse("$x + 1$", 72, title.get_fontproperties())
        assert [glyph[0].fname for glyph in found.glyphs] == [glyph[0].fname for glyph in expected.glyphs]
        assert found.width == expected.width


# Exponents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    ["x**(1/3)", "2**(x/y)", "x**(-y**2/2)", "(x + y)**(2*x/(3*y))", "2**(x**(1/3))", "x**(x//2)"],
)
@pytest.mark.parametrize("style", ["default", "book"])
def test_fractions_in_exponents_are_readable(expression, style):
    """No glyph of a title is smaller than an exponent of an exponent, 0.49 of the size of letters."""
    figure = gradviz.render(gradviz.Contour(expression=expression, samples=5, style=style))
    title = figure.axes[0].title
    assert r"frac" not in title.get_text()
    with figure.own_settings():
        parse = MathTextParser("path").parse(title.get_text(), 72, title.get_fontproperties())
    assert min(size for _, size, *_ in parse.glyphs) >= 0.48 * title.get_fontsize()
    assert ord("/") in [glyph[2] for glyph in parse.glyphs] or expression == "x**(x//2)"
