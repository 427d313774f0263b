"""Processes that draw: what they change of Matplotlib, and what they leave alone."""

from __future__ import annotations

import json

DRAWN = """
import hashlib, json, sys
if sys.argv[1] == "ours":
    from gradviz import process
    process.claim_process()
    process.import_matplotlib()
import gradviz
from gradviz.output.metadata import described_scene, encode
from matplotlib.patches import Polygon
specs = [gradviz.Quiver(expression="x0*x1", samples=5, dpi=40, critical=True, contour=True),
         gradviz.Surface(expression="x0*x1", samples=5, dpi=40),
         gradviz.Descent(expression="x0**2 + 3*x1**2", samples=9, dpi=40, steps=3)]
content = [encode(described_scene(spec), spec, form).content for spec in specs for form in ("png", "svg")]
told = Polygon([(0, 0)]).set.__doc__ or ""
print(json.dumps([[hashlib.sha256(one).hexdigest() for one in content], "closed" in told]))
"""


def test_only_a_process_of_ours_leaves_artists_undocumented(python):
    """The pictures are the same to the byte; for a library's user Matplotlib's help texts are all there."""
    ours, others = (json.loads(python(DRAWN, whose)) for whose in ("ours", "others"))
    assert ours[0] == others[0]
    assert (ours[1], others[1]) == (False, True)


def test_a_matplotlib_that_writes_its_help_otherwise_is_left_alone(python):
    """Where there is no such method, none is made."""
    program = """
from gradviz import process
process._ARTIST_DOCS_METHOD = "_something_else"
process.claim_process()
process.import_matplotlib()
from matplotlib.artist import Artist
from matplotlib.patches import Patch
print(hasattr(Artist, "_something_else"), Patch(facecolor="red").set(alpha=0.5) is not None)
"""
    assert python(program) == "False True\n"
