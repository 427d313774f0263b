"""Pictures drawn by Matplotlib."""

from __future__ import annotations

import hashlib
import io
import json
import warnings

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import gradviz
from gradviz.output.metadata import described_scene, encode
from gradviz.output.mpl import rendering
from gradviz.scene.style import STYLES
from gradviz.specs import KINDS

SMALL = {"expression": "x**2", "samples": 7, "dpi": 30}
every_kind = pytest.mark.parametrize("kind", KINDS)

# Everything that a user may have set and that would show, if it were obeyed.
HOSTILE = """
figure.figsize: 3, 9
figure.dpi: 37
figure.facecolor: pink
savefig.dpi: 41
savefig.bbox: tight
savefig.pad_inches: 1
savefig.facecolor: yellow
savefig.transparent: True
savefig.format: svg
text.usetex: True
mathtext.fontset: dejavuserif
font.size: 23
font.family: monospace
axes.titlesize: 31
axes.labelsize: 3
axes.grid: True
axes.facecolor: green
axes.prop_cycle: cycler('color', ['k'])
axes.unicode_minus: False
image.cmap: jet
lines.linewidth: 9
grid.color: red
xtick.direction: inout
xtick.labelsize: 4
legend.loc: lower left
contour.negative_linestyle: solid
path.sketch: 3, 10, 2
path.simplify: False
svg.hashsalt: another
svg.fonttype: none
pdf.fonttype: 3
pdf.compression: 0
backend: module://gvevil
"""

NAMES = [
    *(f"{kind}.png" for kind in KINDS),
    "quiver.svg",
    "quiver.pdf",
]
PROGRAM = """
import hashlib, json, sys
from gradviz.specs import KINDS
from gradviz.output.metadata import described_scene, encode
names, fields = json.loads(sys.argv[1])
found = {}
for name in names:
    kind, form = name.split(".")
    spec = KINDS[kind](**fields)
    found[name] = hashlib.sha256(encode(described_scene(spec), spec, form).content).hexdigest()
print(json.dumps(found))
"""


def file_of(spec, form="png"):
    """Return the content of the file of a picture."""
    return encode(described_scene(spec), spec, form).content


@pytest.fixture(scope="module")
def pictures():
    """Return the digests of a picture of each kind, one of them in each format, drawn in this process."""
    found = {}
    for name in NAMES:
        kind, form = name.split(".")
        spec = KINDS[kind](**SMALL)
        found[name] = hashlib.sha256(file_of(spec, form)).hexdigest()
    return found


@pytest.mark.slow
def test_equal_specs_give_equal_bytes_in_another_process(pictures, python):
    """In PNG, SVG and PDF another process with another seed of hashes makes the same bytes."""
    env = {"PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"}
    assert json.loads(python(PROGRAM, json.dumps([NAMES, SMALL]), env=env)) == pictures


@pytest.mark.slow
def test_a_hostile_matplotlibrc_changes_no_byte(pictures, python, here):
    """Whatever the user's own settings say, the picture is the same."""
    (here / "matplotlibrc").write_text(HOSTILE)
    (here / "gvevil.py").write_text("raise SystemExit('the backend of a stranger was loaded')\n")
    env = {"MATPLOTLIBRC": str(here / "matplotlibrc"), "MPLBACKEND": "module://gvevil"}
    assert json.loads(python(PROGRAM, json.dumps([NAMES, SMALL]), env=env)) == pictures


def test_a_matplotlibrc_in_the_current_folder_changes_no_byte(shell, run, here):
    """What stands where the command is run is not obeyed."""
    spec = ("contour", "x*y", "-n", "5", "--dpi", "30", "-o")
    run(*spec, "plain.png")
    (here / "matplotlibrc").write_text(HOSTILE)
    (here / "gvevil.py").write_text("raise SystemExit('the backend of a stranger was loaded')\n")
    answer = shell(*spec, "hostile.png")
    assert (answer.code, answer.err) == (0, "")
    assert (here / "hostile.png").read_bytes() == (here / "plain.png").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("settings", [b"no.such.key: 1\nfigure.figsize: what\nbroken", b"font.size: \xff"])
def test_a_broken_matplotlibrc_says_nothing(settings, shell, here):
    """Settings that Matplotlib does not know, or cannot read, are no concern of ours."""
    (here / "matplotlibrc").write_bytes(settings)
    answer = shell("contour", "x*y", "-n", "5", "--dpi", "30")
    assert (answer.code, answer.err, answer.out) == (0, "", b"contour.png\n")


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_figure_saved_by_its_user_takes_nothing_from_settings(form):
    """The Figure that render gives keeps its own settings when somebody saves it, whatever is set by then."""
    spec = gradviz.Contour(**SMALL)

    def saved():
        content = io.BytesIO()
        gradviz.render(spec).savefig(content, format=form, metadata={"Date": None} if form == "svg" else {})
        return content.getvalue()

    plain = saved()
    with mpl.rc_context({"savefig.bbox": "tight", "savefig.dpi": 55, "font.size": 20, "svg.hashsalt": "b"}):
        assert saved() == plain


@every_kind
def test_a_figure_is_unknown_to_pyplot(kind):
    """What is rendered is a Figure with a canvas of its own that pyplot knows nothing about."""
    from matplotlib._pylab_helpers import Gcf

    before = list(Gcf.figs)
    figure = gradviz.render(KINDS[kind](**SMALL))
    assert isinstance(figure, Figure)
    assert isinstance(figure.canvas, FigureCanvasAgg)
    assert list(Gcf.figs) == before


def test_pyplot_is_never_imported(python):
    """A whole figure is drawn and saved without matplotlib.pyplot."""
    program = (
        "import sys, gradviz\n"
        "gradviz.save(gradviz.Quiver(expression='x*y', samples=5, dpi=30), 'a.png')\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert python(program).strip() == "False"


@pytest.mark.parametrize(
    ("kind", "style"), [*((kind, "dark") for kind in KINDS), *(("contour", style) for style in STYLES)]
)
def test_settings_of_the_process_are_left_as_they_were(kind, style):
    """Rendering and saving change neither rcParams nor the filters of warnings, and give no warning."""
    with mpl.rc_context({"font.size": 17.0}):
        settings, filters = dict(mpl.rcParams), list(warnings.filters)
        gradviz.render(KINDS[kind](**SMALL, style=style)).savefig(io.BytesIO(), format="png")
        assert dict(mpl.rcParams) == settings
        assert list(warnings.filters) == filters


def test_settings_are_left_as_they_were_when_drawing_fails():
    """An error in the middle of a drawing restores the settings, too."""
    before = dict(mpl.rcParams)
    with pytest.raises(gradviz.GradvizError):
        gradviz.render(gradviz.Tangent(expression="1/x", at=[0], samples=5))
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("size", [(3, 2), (6.4, 4.8), (10, 8)])
def test_the_picture_has_the_size_asked_for(size):
    """W,H inches at N dots per inch are exactly W N by H N pixels."""
    from PIL import Image

    spec = gradviz.Contour(expression="x*y", samples=5, size=size, dpi=50)
    with Image.open(io.BytesIO(file_of(spec))) as image:
        assert image.size == (round(size[0] * 50), round(size[1] * 50))
        assert image.info["dpi"] == pytest.approx((50, 50), abs=0.1)


@every_kind
def test_a_picture_of_one_inch_is_drawn_without_a_warning(kind):
    """The smallest size that is allowed can be drawn: nothing of Matplotlib's own reaches the user."""
    spec = KINDS[kind](**{**SMALL, "dpi": 60}, size=(1, 1))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        file_of(spec)
    assert [str(warning.message) for warning in caught] == []


def test_samples_are_not_taken_twice(monkeypatch):
    """With the samples at hand the function is not evaluated on its mesh again."""
    spec = gradviz.Contour(**SMALL)
    samples = gradviz.sample(spec)
    monkeypatch.setattr(rendering, "sample", lambda _: pytest.fail("sampled again"))
    gradviz.render(spec, samples)


def test_styles_look_different():
    """Each style gives another picture of the same figure."""
    found = set()
    for style in STYLES:
        spec = gradviz.Contour(**SMALL, style=style)
        figure = gradviz.render(spec)
        content = io.BytesIO()
        figure.savefig(content, format="png")
        found.add(content.getvalue())
    assert len(found) == len(STYLES) == 4


def test_the_dark_style_is_dark_to_its_edges():
    """The background of the dark style is dark in the axes, around them and in the file."""
    from PIL import Image

    spec = gradviz.Tangent(**SMALL, style="dark")
    with Image.open(io.BytesIO(file_of(spec))) as image:
        corner = image.convert("RGB").getpixel((0, 0))
    assert max(corner) < 64


def test_a_glyph_that_no_font_has_is_no_warning():
    """A character without a glyph is drawn as a box, silently."""
    spec = gradviz.Contour(**SMALL, title="日本語 \U0001f600")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        file_of(spec)
    assert caught == []
