"""Positions of labels on contours: their work, and an index of points against comparing all pairs."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest

import gradviz
from gradviz.errors import GradvizError
from gradviz.output import label_places as module
from gradviz.output.label_places import _Crowd, label_places, level_line
from gradviz.output.metadata import described_scene, encode

BOX = np.array([[100.0, 80.0], [900.0, 700.0]])
SIZE = 14.0


@pytest.mark.parametrize("cells", [1, 3])
def test_distances_to_other_lines_are_those_of_all_pairs(cells):
    """The index finds the nearest point of another line, or none within its reach."""
    random = np.random.default_rng(3)
    owners = np.repeat(np.arange(40), 10)
    points = BOX[0] + random.random((400, 2)) * (BOX[1] - BOX[0])
    parts = points[owners == 7][:, None, :] + random.normal(0, 5, (10, 3, 2))
    parts = np.clip(parts, BOX[0], BOX[1])
    found = _Crowd(points, owners, SIZE, BOX).room(7, parts, cells)
    pairs = np.hypot(*np.moveaxis(parts[:, :, None] - points[owners != 7], -1, 0)).min(axis=(1, 2)) / SIZE
    reach = {1: 2.5 / 3, 3: 2.5}[cells]
    np.testing.assert_allclose(found[pairs < reach], pairs[pairs < reach], rtol=1e-12)
    assert (found[pairs >= reach] >= reach).all()


def test_the_work_of_placing_labels_is_bounded_by_the_area(monkeypatch):
    """Lines beyond those that fill the area add no distances; comparing all pairs would add 7 times more."""

    def horizontal(count):
        x = np.linspace(*BOX[:, 0], 200)
        ys = np.linspace(*BOX[:, 1], count).tolist()
        return [level_line(y, np.stack([x, np.full_like(x, y)], axis=1)) for y in ys], ys

    few, many = horizontal(700), horizontal(5_600)
    counted, real = [], module.magnitudes
    monkeypatch.setattr(module, "magnitudes", lambda part: (counted.append(part[..., 0].size), real(part))[1])
    labelled = module.labelled_levels(few[1])
    monkeypatch.setattr(module, "labelled_levels", lambda levels: {*levels[:: len(levels) // len(labelled)]})
    label_places(*few, SIZE, BOX)
    first = sum(counted)
    label_places(*many, SIZE, BOX)
    assert sum(counted) - first < 2 * first


@contextlib.contextmanager
def refusal_of(field):
    """Accept an error of our own about a field."""
    try:
        yield
    except GradvizError as error:
        if not str(error).startswith(f"{field}: must "):
            raise


HEIGHTS = [
    (1, 1.0000001), (1, math.nextafter(1, 2)), (1, 1 + 1e-8, 2), tuple(1 + k * 1e-13 for k in range(9)),
    (2, 1), (-0.0, 0.0),
    (1e-149, 2e-149), (-1e150, 0, 1e150), (-1e150, 1e150), (0, 1e-17, 1), (1, math.nextafter(1, 2), 2),
    (5e-324,), (0, 5e-324),
    (5e-324, 1e-323, 1.5e-323), (-1e308, 0, 1e308), (1e308, 1.7e308), (1e300,), 1, 2,
    pytest.param(1_000, marks=pytest.mark.slow),
]  # fmt: skip


@pytest.mark.parametrize("levels", HEIGHTS, ids=str)
@pytest.mark.parametrize("expression", ["x0*x1", "1 + 1e-15*x0*x1"])
@pytest.mark.parametrize("fields", [{}, {"filled": True}, {"labels": True}], ids=str)
def test_levels_at_any_distance_are_drawn_or_refused(levels, expression, fields):
    """Levels nearer than ticks can tell, equal to rounding, tiny or huge give a picture or a message."""
    with refusal_of("levels"):
        spec = gradviz.Contour(expression=expression, levels=levels, samples=(9, 11), dpi=40, **fields)
        assert encode(described_scene(spec), spec, "png").content.startswith(b"\x89PNG")
