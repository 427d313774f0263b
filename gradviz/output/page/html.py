"""HTML: one page that turns and zooms without a network, with the spec inside.

Equal specs give equal bytes. Whatever a user typed is text: escaped in HTML, in JSON and for plotly. The
page says of itself that a browser shall ask for nothing, and run nothing but the scripts written here.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar

from gradviz.errors import Ref, RequestError
from gradviz.output.formats import (
    DIGEST,
    FOUND_BYTES,
    STILLS,
    Encoded,
    Format,
    Inside,
    Memory,
    between,
    formats_of,
    ours,
    refuse_sweep,
    unescaped,
)

if TYPE_CHECKING:
    from gradviz.output.page.figure import Figure
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec

_BEGINNING = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
_SPEC = (b'<meta name="gradviz" content="', b'">\n')
_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["sendChartToCloud", "select2d", "lasso2d", "tableRotation"],
    "scrollZoom": True,
    "doubleClick": "reset",
    "toImageButtonOptions": {"filename": "gradviz"},
}

_STYLE = """\
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; box-sizing: border-box; padding: 0.6rem;
  background: PAPER; color: INK; font: 15px FAMILY; }
h1 { font-size: 1.25rem; font-weight: normal; text-align: center; margin: 0.3rem 2rem;
  white-space: pre-line; overflow-wrap: anywhere; }
h1 math { font-size: 1.2em; font-family: MATH; }
main { flex: 1; min-height: 0; display: flex; justify-content: center; }
#picture { width: 100%; height: 100%; min-height: 18rem; }
#picture:focus-visible { outline: 2px solid currentColor; outline-offset: -2px; }
p { text-align: center; margin: 0.3rem; opacity: 0.75; font-size: 0.85rem; }
.spoken { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
"""
_SERIF_MATH = "'STIX Two Math', 'Cambria Math', 'Latin Modern Math', 'DejaVu Math TeX Gyre'"
_FLAT = "#picture { max-width: calc((100vh - 6rem) * RATIO); }\n"

# Arrow keys turn and + and - come nearer or go away, in steps of 5 degrees and a tenth.
_START = """\
"use strict";
const place = document.getElementById("picture");
const figure = JSON.parse(document.getElementById("figure").textContent);
const drawn = Plotly.newPlot(place, figure.data, figure.layout, figure.config);
drawn.then(() => { document.body.dataset.drawn = "yes"; });
place.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: [-5, 0, 1], ArrowRight: [5, 0, 1], ArrowUp: [0, 5, 1], ArrowDown: [0, -5, 1],
    "+": [0, 0, 0.9], "-": [0, 0, 1.1] };
  const step = steps[event.key];
  if (!step || event.target !== place || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const whole = place._fullLayout;
  if (whole.scene) {
    const eye = whole.scene._scene.getCamera().eye;
    const far = Math.hypot(eye.x, eye.y, eye.z) * step[2];
    const azimuth = Math.atan2(eye.y, eye.x) + step[0] * Math.PI / 180;
    const over = Math.atan2(eye.z, Math.hypot(eye.x, eye.y)) + step[1] * Math.PI / 180;
    const elevation = Math.max(-1.55, Math.min(1.55, over));
    Plotly.relayout(place, { "scene.camera.eye": { x: far * Math.cos(elevation) * Math.cos(azimuth),
      y: far * Math.cos(elevation) * Math.sin(azimuth), z: far * Math.sin(elevation) } });
    return;
  }
  const moved = {};
  for (const [name, along] of [["xaxis", step[0]], ["yaxis", step[1]]]) {
    const [low, high] = whole[name].range;
    const middle = (low + high) / 2 + (high - low) * along / 50;
    moved[name + ".range"] = [middle - (high - low) / 2 * step[2], middle + (high - low) / 2 * step[2]];
  }
  Plotly.relayout(place, moved);
});
"""


class Page(Format):
    """A page that turns, drawn by plotly's script, which is inside."""

    beginning: ClassVar = _BEGINNING.encode()
    ending: ClassVar = b"</body>\n</html>\n"
    software: ClassVar = b'<meta name="generator" content="gradviz %s">'
    moves: ClassVar = "if swept"

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for a kind that no page shows, or if plotly is not installed."""
        if "html" not in formats_of(type(spec)):
            raise RequestError(f"a page cannot show a {spec.kind} figure; write .{', .'.join(STILLS)}")
        if spec.animated_by != "animate":
            refuse_sweep(spec, "a page")
        if own := spec.traits.own_panels(spec):
            raise RequestError("a page shows one panel; leave out ", Ref(own))
        if find_spec("plotly") is None:
            raise RequestError("a page needs plotly; install it with: pip install 'gradviz[page]'")

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the page. Raises RequestError for a scene that no page shows."""
        from gradviz.output.page.figure import figure_of

        content = _written(figure_of(scene), inside)
        advance()
        return Encoded(content.encode())

    def find(self, content: bytes) -> Memory | None:
        """Return the spec in a page that gradviz wrote."""
        found = content.startswith(self.beginning) and between(content, *_SPEC, most=FOUND_BYTES)
        return ours(unescaped(found[0]), found[1]) if found else None

    def digest_part(self, digest: bytes) -> bytes:
        """Return an element of the head."""
        return b'<meta name="%s" content="%s">\n' % (DIGEST, digest)


def _written(figure: Figure, inside: Inside) -> str:
    """Return the page of a figure."""
    from plotly.offline import get_plotlyjs

    layout, ratio = figure.layout, figure.ratio
    style = _STYLE.replace("PAPER", layout["paper_bgcolor"]).replace("INK", layout["font"]["color"])
    family = layout["font"]["family"]
    math = family if family.endswith("sans-serif") else f"{_SERIF_MATH}, {family}"
    style = style.replace("FAMILY", family).replace("MATH", math)
    hint = "drag to turn, scroll to come nearer"
    if ratio is not None:
        hint = "drag to move, scroll to zoom"
        style += _FLAT.replace("RATIO", f"{ratio:.4g}")
    numbers = json.dumps(
        {"data": figure.traces, "layout": layout, "config": _CONFIG}, sort_keys=True, allow_nan=False
    ).replace("<", r"\u003c")
    scripts = [get_plotlyjs(), _START]
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    sources = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    policy = (
        f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    title, description = html.escape(inside.title), html.escape(inside.description)
    return (
        f'{_BEGINNING}<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="gradviz" content="{html.escape(inside.memory)}">\n'
        f'<meta name="generator" content="{html.escape(inside.software)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<h1>{figure.heading}</h1>\n"
        f'<main><div id="picture" tabindex="0" role="figure" aria-label="{title}"'
        ' aria-describedby="description"></div></main>\n'
        f'<p id="description" class="spoken">{description}</p>\n'
        + (f"<p>{figure.warning}</p>\n" if figure.warning else "")
        + f"<p>{hint}; arrow keys and + and - do so, too</p>\n"
        "<noscript><p>This picture is drawn by a script inside of the page.</p></noscript>\n"
        f'<script type="application/json" id="figure">{numbers}</script>\n'
        + "".join(f"<script>{script}</script>\n" for script in scripts)
        + "</body>\n</html>\n"
    )
