"""The picture of `gradviz quiver "x0*x1"` as one writes it by hand, everything written in."""

import sys

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if "sympy" in sys.argv:
    import sympy  # noqa: F401 - what a new expression costs at the least


def f(x0, x1):
    return x0 * x1


mpl.rcParams.update(
    {
        "font.family": "STIXGeneral", "font.size": 11.0,
        "axes.titlesize": "large", "axes.labelsize": "large", "axes.linewidth": 0.8,
        "mathtext.fontset": "stix", "axes.axisbelow": True, "axes.titlepad": 8.0, "axes.edgecolor": "#444444",
        "figure.constrained_layout.h_pad": 0.06, "figure.constrained_layout.w_pad": 0.06,
    }
)  # fmt: skip
lines_map = mpl.colors.ListedColormap(mpl.colormaps["viridis"](np.linspace(0, 191 / 255, 256)))
x = np.linspace(-2, 2, 17)
x0, x1 = np.meshgrid(x, x)
h = 1e-4
u = (f(x0 + h, x1) - f(x0 - h, x1)) / (2 * h)
v = (f(x0, x1 + h) - f(x0, x1 - h)) / (2 * h)
size = np.hypot(u, v)
size[size < 1e-9] = np.nan
figure = Figure(figsize=(6.4, 5.75611), dpi=150, layout="compressed")
FigureCanvasAgg(figure)
axes = figure.subplots()
axes.set_aspect("equal")
drawn = axes.quiver(
    x0, x1, np.ma.masked_invalid(-0.2 * u / size), np.ma.masked_invalid(-0.2 * v / size),
    np.ma.masked_invalid(size), norm=mpl.colors.Normalize(0, np.nanmax(size)), cmap=lines_map,
    angles="xy", pivot="mid", zorder=2.5, scale_units="xy", scale=1.0,
    headwidth=3.6, headlength=4.2, headaxislength=3.8, units="xy", width=0.0175,
)  # fmt: skip
bar = figure.colorbar(drawn, ax=axes, pad=0.02)
bar.set_label(r"$\|\nabla f\|$   (arrows along $-\nabla f$)", size="medium")
bar.outline.set_linewidth(0.5)
axes.set_xlim(-2.125, 2.125)
axes.set_ylim(-2.125, 2.125)
axes.set_xlabel("$x_{0}$")
axes.set_ylabel("$x_{1}$")
axes.set_title(r"$f(x_{0}, x_{1}) = x_{0} \, x_{1}$")
figure.savefig("bare.png", dpi=150)
