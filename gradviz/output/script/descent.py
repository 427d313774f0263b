"""Paths of optimizers as scripts."""

from __future__ import annotations

from typing import Any

from gradviz.optimizers import OPTIMIZERS
from gradviz.output.mpl.paths import DASHES, line_width, start_entries, starts_of
from gradviz.output.script import flat, looks, space
from gradviz.output.script.functions import write_function, write_gradient, write_hessian
from gradviz.output.script.sheet import WIDTH, Call, Sheet, color, pair, rounded, text, words_of
from gradviz.output.script.updates import arguments, written


def write_descent(sheet: Sheet) -> None:
    """Write paths over level lines, on a surface or alone, and the function against the step if asked."""
    spec = sheet.spec
    write_function(sheet)
    write_gradient(sheet)
    names = list(dict.fromkeys(path.name for path in sheet.samples.paths))
    if any(OPTIMIZERS[name].needs_hessian for name in names):
        write_hessian(sheet)
    for name in names:
        sheet.functions += written(name, OPTIMIZERS[name])
    flat.write_mesh(sheet, values=spec.on != "axes")
    _write_paths(sheet)
    if spec.on == "surface":
        heights = space.write_heights(sheet)
        sheet.miss("what the surface hides of the paths")
    _open(sheet)
    start = len(sheet.body)
    if spec.on == "surface":
        _on_surface(sheet, sheet.picture.axes[0], heights)
    else:
        _on_plane(sheet, sheet.picture.axes[0])
    if _has_panels(sheet):
        _repeat(sheet, start)
    if spec.loss:
        _write_loss(sheet)
    figure: Any = sheet.picture
    if figure.get_suptitle():
        heading = figure._suptitle  # noqa: SLF001 - its size is told nowhere else
        words, plain = words_of(heading)
        sheet.call("fig.suptitle", words, fontsize=rounded(heading.get_fontsize(), 3), parse_math=plain)
    looks.legend(sheet)
    looks.finish(sheet)


def _has_panels(sheet: Sheet) -> bool:
    """Tell whether each optimizer has a panel of its own; beside --loss they are left out."""
    if sheet.spec.panels and sheet.spec.loss:
        sheet.miss("--panels beside --loss")
    return bool(
        sheet.spec.panels
        and not sheet.spec.loss
        and len({path.optimizer.label for path in sheet.samples.paths}) > 1
    )


def _repeat(sheet: Sheet, start: int) -> None:
    """Let what was written from a line on be done for each optimizer."""
    drawn, labels = sheet.body[start:], list(_lines(sheet))
    del sheet.body[start:]
    sheet.add("names = dict.fromkeys(label for _, label, *_ in paths)")
    sheet.add("for ax, name in zip(panels.flat, names):")
    sheet.add(*(f"    {line}" if line else "" for line in drawn))
    sheet.add(f'    ax.set_title(name, fontsize="medium"{", pad=-6" if sheet.spec.on == "surface" else ""})')
    rows, columns = _geometry(sheet.picture.axes[0])
    if rows * columns > len(labels):
        sheet.add("for ax in panels.flat[len(names):]:", "    ax.remove()")


def _write_paths(sheet: Sheet) -> None:
    """Write the paths, each with its label, colour and dashes."""
    shown = _lines(sheet)
    told: set[str] = set()
    starts = starts_of(sheet.samples.paths) if sheet.spec.loss else []
    sheet.add("# The paths, each with its label, its colour and its dashes.", "paths = [")
    for path in sheet.samples.paths:
        label, shade, dashes = shown[path.optimizer.label]
        if tuple(path.points[0].tolist()) in starts:
            dashes = DASHES[starts.index(tuple(path.points[0].tolist()))]
        if label in told and not _has_panels(sheet):
            label = ""  # one entry of the legend is enough
        told.add(label)
        start = f"np.array([{', '.join(repr(float(x)) for x in path.points[0])}])"
        way = Call(path.name, (start, f"steps={path.steps}", *arguments(path.optimizer))).lines()
        lost = f"  # cut at step {path.diverged}" if path.diverged is not None else ""
        if len(way) > 1:
            way = [" ".join(part.strip() for part in way).replace("( ", "(").replace(", )", ")")]
        look = f"{text(label)}, {color(shade)}, {text(dashes)}),{lost}"
        whole = f"    ({way[0]}, {look}"
        sheet.add(*([whole] if len(whole) <= WIDTH else [f"    ({way[0]},", f"     {look}"]))
    sheet.add("]")


def _lines(sheet: Sheet) -> dict[str, tuple[str, str, str]]:
    """Return for each optimizer its label, colour and dashes, as in the picture."""
    labels = list(dict.fromkeys(path.optimizer.label for path in sheet.samples.paths))
    count, dashes = len(sheet.style.paths), DASHES
    if _has_panels(sheet):
        count = 1  # a colour tells nothing apart
        dashes = ("-",) * 4
    return {
        label: (label, sheet.style.paths[place % count], dashes[place // count % 4])
        for place, label in enumerate(labels)
    }


def _on_plane(sheet: Sheet, axes: Any) -> None:
    spec, found = sheet.spec, None
    if spec.on == "axes":
        look = {"color": color(sheet.style.ink), "linestyle": '"--"', "linewidth": "1.2", "zorder": "1"}
        sheet.call("ax.axhline", "0", **look)
        sheet.call("ax.axvline", "0", **look)
    else:
        found = flat.draw_levels(sheet, axes, axes.collections)
    size = rounded(next((line.get_markersize() for line in axes.lines if line.get_marker() == "o"), 4.4), 3)
    width = _width(sheet)
    dashes = "dashes" if spec.on == "contour" else '"none"'
    sheet.add(*_each(sheet))
    look = {"color": "color", "linestyle": dashes, "linewidth": width, "markersize": size, "label": "label"}
    sheet.call_within("ax.plot", "*path.T", '"o"', **look, zorder="100")
    if spec.on == "contour":
        _mark_ends(sheet, "*path[:1].T", "*path[-1:].T")
    looks.write_marks(sheet, axes)
    looks.set_axes(sheet, axes)
    if found is not None:
        looks.colour_bar(sheet, found)


def _on_surface(sheet: Sheet, axes: Any, heights: str) -> None:
    found = space.draw_surface(sheet, axes, heights)
    sheet.add(
        "# Matplotlib does not know what a surface hides: paths are drawn above it, each step straight."
    )
    sheet.add("ax.computed_zorder = False", *_each(sheet))
    width = _width(sheet)
    look = {"color": "color", "linestyle": "dashes", "linewidth": width, "markersize": "4", "label": "label"}
    sheet.call_within("ax.plot", "*path.T", "f(path)", '"o"', **look, zorder="100")
    _mark_ends(sheet, "*path[:1].T, f(path[:1])", "*path[-1:].T, f(path[-1:])")
    looks.write_marks(sheet, axes)
    space.finish_box(sheet, axes, found)


def _mark_ends(sheet: Sheet, start: str, end: str) -> None:
    size = 0.55 * sheet.picture.settings.get("font.size", 10.0)
    face = color(sheet.picture.settings.get("axes.facecolor", "white"))
    look = {
        "color": face,
        "markeredgecolor": "color",
        "markeredgewidth": "1.4",
        "markersize": rounded(size, 3),
    }
    sheet.call_within("ax.plot", start, '"s"', **look, zorder="101")
    look = {
        "color": "color",
        "markeredgecolor": face,
        "markeredgewidth": "0.6",
        "markersize": rounded(2.2 * size, 3),
    }
    if all(path.diverged is not None for path in sheet.samples.paths):
        return
    lines = Call(
        "ax.plot", (end, '"*"', *(f"{key}={value}" for key, value in look.items()), "zorder=101")
    ).lines()
    if any(path.diverged is not None for path in sheet.samples.paths):
        lines = [
            f"if len(path) > {sheet.spec.steps}:  # it did not diverge",
            *(f"    {line}" for line in lines),
        ]
    sheet.add(*(f"    {line}" for line in lines))


def _width(sheet: Sheet) -> str:
    with sheet.picture.own_settings():
        return rounded(line_width(), 3)


def _each(sheet: Sheet) -> list[str]:
    """Return the head of the loop over paths, those of a panel if there are several."""
    if not _has_panels(sheet):
        return ["for path, label, color, dashes in paths:"]
    return ["for path, label, color, dashes in paths:", "    if label != name:", "        continue"]


def _open(sheet: Sheet) -> None:
    """Write the figure, with axes for the values if these are asked for."""
    box = sheet.spec.on == "surface"
    if not sheet.spec.loss:
        looks.open_figure(sheet, *(_geometry(sheet.picture.axes[0]) if _has_panels(sheet) else ()), box=box)
        return
    size = (rounded(inches) for inches in sheet.picture.get_size_inches())
    sheet.add("")
    sheet.call(
        "fig = plt.figure", figsize=f"({', '.join(size)})", dpi=str(sheet.spec.dpi), layout='"compressed"'
    )
    sheet.call("ax = fig.add_subplot", "1", "2", "1", projection='"3d"' if box else None)


def _geometry(axes: Any) -> tuple[int, int]:
    """Return how many rows and columns of axes there are."""
    rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
    return rows, columns


def _write_loss(sheet: Sheet) -> None:
    """Write the function's values against the step."""
    axes: Any = next(one for one in sheet.picture.axes if one.get_xlabel() == "step")
    width = _width(sheet)
    sheet.add("", "loss = fig.add_subplot(1, 2, 2)", "for path, label, color, dashes in paths:")
    sheet.call_within("loss.plot", "f(path)", "dashes", color="color", linewidth=width, label="label")
    for entry in start_entries(starts_of(sheet.samples.paths)):
        look = {
            "color": color(sheet.picture.settings.get("text.color", "black")),
            "linestyle": text(entry.get_linestyle()),
            "linewidth": width,
        }
        sheet.call("ax.plot", "[]", "[]", **look, label=text(entry.get_label()))
    words, plain = words_of(axes.title)
    sheet.call("loss.set_title", words, fontsize='"medium"', parse_math=plain)
    view = {"xlabel": '"step"', "ylim": pair(float(rounded(y)) for y in axes.get_ylim())}
    sheet.call("loss.set", **view, yscale=text(axes.get_yscale()))
    sheet.add(f"loss.set_box_aspect({rounded(axes.get_box_aspect())})", "loss.grid()")
