"""The pictures of gradviz as one draws them by hand with Matplotlib, everything written in.

`bare.py KIND` writes bare.png, and `bare.py KIND sympy` imports SymPy, too. `bare.py loop FIGURES` writes the
small figures of a batch one after the other.
"""

import io
import sys

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

if "sympy" in sys.argv:
    import sympy  # noqa: F401 - what a new expression costs at the least

SETTINGS = {
    "font.family": "STIXGeneral", "font.size": 11.0,
    "axes.titlesize": "large", "axes.labelsize": "large", "axes.linewidth": 0.8,
    "mathtext.fontset": "stix", "axes.axisbelow": True, "axes.titlepad": 8.0, "axes.edgecolor": "#444444",
    "grid.color": "#dddddd", "grid.linewidth": 0.6, "legend.framealpha": 0.9, "lines.linewidth": 1.8,
    "figure.constrained_layout.h_pad": 0.06, "figure.constrained_layout.w_pad": 0.06,
}  # fmt: skip
DPI = 150
SMALL_FONT = 5.435164728414403  # points: in small figures
ELLIPSE = r"$f(x_{0}, x_{1}) = \dfrac{x_{0}^{2}}{20} + x_{1}^{2}$"
BOWL = r"$f(x_{0}, x_{1}) = x_{0}^{2} + x_{1}^{2}$"


def page(width, height, **look):
    """Return a figure and its axes."""
    figure = Figure(figsize=(width, height), dpi=DPI, layout="compressed")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(subplot_kw=look)


def lines_map():
    """Return viridis without the yellow that can hardly be seen on white."""
    return ListedColormap(mpl.colormaps["viridis"](np.linspace(0, 191 / 255, 256)))


def add_bar(figure, axes, drawn, label, **look):
    """Add a colour bar with a label."""
    bar = figure.colorbar(drawn, ax=axes, pad=0.02, **look)
    bar.set_label(label, size="medium")
    bar.outline.set_linewidth(0.5)


def gradient(f, x0, x1, h=1e-4):
    """Return the central differences along both coordinates."""
    return (f(x0 + h, x1) - f(x0 - h, x1)) / (2 * h), (f(x0, x1 + h) - f(x0, x1 - h)) / (2 * h)


def contour():
    """Draw `gradviz contour "x0**2/20 + x1**2"`."""
    x0, x1 = np.meshgrid(np.linspace(-3, 3, 201), np.linspace(-3, 3, 201))
    figure, axes = page(6.4, 6.14944)
    levels = np.linspace(0, 10, 11)
    drawn = axes.contour(x0, x1, x0**2 / 20 + x1**2, levels=levels, cmap=lines_map(), linewidths=1.2)
    axes.set(xlabel="$x_{0}$", ylabel="$x_{1}$", xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
    axes.set_title(ELLIPSE, va="bottom")
    add_bar(figure, axes, drawn, "$f(x_{0}, x_{1})$")
    return figure


def box(height):
    """Return a figure and the axes of a box for f = x0**2 + x1**2, and a mesh with its values."""
    figure, axes = page(6.4, height, projection="3d")
    x0, x1 = np.meshgrid(np.linspace(-3, 3, 81), np.linspace(-3, 3, 81))
    return figure, axes, (x0, x1, x0**2 + x1**2)


def close_box(axes, bottom, top, zoom):
    """Set the view, limits, ticks and labels of a box."""
    axes.view_init(elev=30, azim=-60)
    axes.set_box_aspect(None, zoom=zoom)
    axes.set(
        xlabel="$x_{0}$", ylabel="$x_{1}$", zlabel="$f(x_{0}, x_{1})$",
        xlim=(-3.4375, 3.4375), ylim=(-3.4375, 3.4375), zlim=(bottom, top),
    )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.labelpad = 4
    axes.set_title(BOWL, pad=-16, va="bottom")


def surface():
    """Draw `gradviz surface "x0**2 + x1**2"` without light and lines of the mesh."""
    figure, axes, mesh = box(5.71931)
    drawn = axes.plot_surface(
        *mesh, rcount=81, ccount=81, cmap="viridis", norm=Normalize(0, 18), linewidth=0, antialiased=False
    )
    close_box(axes, -0.375, 18.375, zoom=1.0)
    figure.colorbar(drawn, ax=axes, pad=0.104, shrink=0.62)
    return figure


def wireframe():
    """Draw `gradviz surface "x0**2 + x1**2" --plot wireframe`."""
    figure, axes, mesh = box(6.23616)
    axes.plot_wireframe(*mesh, color="#1f4e79", linewidth=0.7, rcount=40, ccount=40)
    close_box(axes, -0.36925782, 18.374883, zoom=0.96)
    return figure


def stream():
    """Draw `gradviz stream "x0*x1"` with the lines of Matplotlib."""
    x = np.linspace(-2, 2, 121)
    u, v = gradient(lambda x0, x1: x0 * x1, *np.meshgrid(x, x))
    size = np.hypot(u, v)
    u[size < 1 / 30] = np.nan  # less than the change to the next point: there a line oscillates
    figure, axes = page(6.4, 5.66278)
    drawn = axes.streamplot(
        x, x, -u, -v, color=size, cmap=lines_map(), norm=Normalize(0, size.max()), density=1.2,
        minlength=0.04, arrowsize=1.1, linewidth=1.1,
    )  # fmt: skip
    axes.set(xlabel="$x_{0}$", ylabel="$x_{1}$", xlim=(-2, 2), ylim=(-2, 2), aspect="equal")
    axes.set_title(r"$f(x_{0}, x_{1}) = x_{0} \, x_{1}$")
    add_bar(figure, axes, drawn.lines, r"$\|\nabla f\|$   (lines along $-\nabla f$)")
    return figure


def tangent():
    """Draw `gradviz tangent "0.01*x**2 + 0.1*x" --at 5 --at 10`."""

    def f(x):
        return 0.01 * x**2 + 0.1 * x

    x, h = np.linspace(-5, 11.5, 501), 1e-4
    figure, axes = page(6.4, 4.8)
    axes.plot(x, f(x), color="#1f4e79", zorder=3, label="$f(x)$")
    for at, colour in ((5, "#d55e00"), (10, "#009e73")):
        slope = (f(at + h) - f(at - h)) / (2 * h)
        label = f"tangent at $x = {at}$, slope ${slope:.3g}$"
        axes.plot(x, f(at) + slope * (x - at), color=colour, linestyle="--", linewidth=1.4, label=label)
        axes.plot(at, f(at), "o", color=colour, markersize=6, zorder=4)
    axes.set(xlabel="$x$", ylabel="$f(x)$", xlim=(-5.825, 12.325), ylim=(-1.747375, 2.608625))
    axes.set_title(r"$f(x) = 0.01 \, x^{2} + 0.1 \, x$")
    axes.grid(True)
    axes.legend()
    return figure


def descent():
    """Draw `gradviz descent "x0**2/20 + x1**2" --start=-7,2 --optimizer sgd,learning_rate=0.95`."""
    path = [np.array([-7.0, 2.0])]
    for _ in range(30):
        path.append(path[-1] - 0.95 * path[-1] * (0.1, 2.0))
    path = np.array(path)
    x0, x1 = np.meshgrid(np.linspace(-8.4, 8.4, 201), np.linspace(-3, 3, 201))
    figure, axes = page(6.4, 2.98180)
    levels = np.linspace(0, 13, 14)
    look = {"cmap": lines_map(), "linewidths": 0.9, "alpha": 0.75}
    drawn = axes.contour(x0, x1, x0**2 / 20 + x1**2, levels=levels, **look)
    colour = "#d55e00"
    axes.plot(*path.T, color=colour, linewidth=1.35, marker="o", markersize=4.4, zorder=100)
    axes.plot(
        *path[0], "s", color="white", markersize=6.05, markeredgecolor=colour, markeredgewidth=1.4, zorder=101
    )
    axes.plot(
        *path[-1], "*", color=colour, markersize=13.31, markeredgecolor="white", markeredgewidth=0.6,
        zorder=101,
    )  # fmt: skip
    axes.set(xlabel="$x_{0}$", ylabel="$x_{1}$", xlim=(-8.4, 8.4), ylim=(-3, 3), aspect="equal")
    axes.set_title(ELLIPSE, va="bottom")
    add_bar(figure, axes, drawn, "$f(x_{0}, x_{1})$", ticks=np.linspace(0, 12, 7), format="{x:g}")
    entry = mpl.lines.Line2D([], [], color=colour, linewidth=1.35, marker="o", markersize=4)
    axes.legend([entry], ["SGD, learning rate 0.95"], fontsize="small")
    return figure


KINDS = {
    "contour": contour, "surface": surface, "wireframe": wireframe, "stream": stream, "tangent": tangent,
    "descent": descent,
}  # fmt: skip


def small(slope):
    """Draw `gradviz quiver "x0*x1 + SLOPE*x0" --samples 9 --size 3,2.5 --dpi 60`."""
    x0, x1 = np.meshgrid(np.linspace(-2, 2, 9), np.linspace(-2, 2, 9))
    u, v = gradient(lambda x0, x1: x0 * x1 + slope * x0, x0, x1)
    size = np.hypot(u, v)
    size[size < 1e-9] = np.nan
    figure = Figure(figsize=(3, 2.5), dpi=60, layout="compressed")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_aspect("equal")
    arrows = [np.ma.masked_invalid(each) for each in (-0.4 * u / size, -0.4 * v / size, size)]
    drawn = axes.quiver(
        x0, x1, *arrows, norm=Normalize(0, np.nanmax(size)), cmap=lines_map(), angles="xy", pivot="mid",
        zorder=2.5, scale_units="xy", scale=1.0, headwidth=3.6, headlength=4.2, headaxislength=3.8,
        units="xy", width=0.02474874,
    )  # fmt: skip
    axes.set(xlabel="$x_{0}$", ylabel="$x_{1}$", xlim=(-2.25, 2.25), ylim=(-2.25, 2.25))
    axes.set_title(rf"$f(x_{{0}}, x_{{1}}) = x_{{0}} \, x_{{1}} + {slope} \, x_{{0}}$")
    add_bar(figure, axes, drawn, r"$\|\nabla f\|$   (arrows along $-\nabla f$)")
    return figure


def png(kind):
    """Return a picture as the content of a PNG file."""
    content = io.BytesIO()
    KINDS[kind]().savefig(content)
    return content.getvalue()


def main(kind, count=""):
    """Write a picture, or small figures one after the other."""
    mpl.rcParams.update({**SETTINGS, "savefig.dpi": "figure"})
    if kind != "loop":
        KINDS[kind]().savefig("bare.png")
        return
    mpl.rcParams["font.size"] = SMALL_FONT
    for slope in range(int(count)):
        small(slope).savefig(f"f{slope}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
