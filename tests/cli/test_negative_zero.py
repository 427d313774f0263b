"""Tests of -0, which no table and no data show."""

from __future__ import annotations

import csv
import json
import re

import pytest

COMMANDS = [
    ["grad", "x*y", "--at", "0,-1", "--at", "-0.0,1"],
    ["grad", "-x**2 - 0*y", "--at", "0,0", "--json"],
    ["critical", "-x**2 - y**2"],
    ["critical", "-x*y", "--json"],
    ["check", "x*y", "--claim", "y, -x"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_number_is_printed_as_minus_zero(run, command):
    """-0 equals 0, and a reader asks for its meaning."""
    output = run(*command).out.decode()
    assert output
    assert re.findall(r"(?<![\w.])-0(?:\.0)?(?![\w.])", output) == []


def test_data_have_no_minus_zero(run, tmp_path):
    """Products with a coordinate of 0 are 0, in CSV and in JSON."""
    for name in ("data.csv", "data.json"):
        path = tmp_path / name
        assert run("quiver", "x*y", "-n", "5", "-o", tmp_path / "a.png", "--data", path, "--force").code == 0
        text = path.read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines()))
        values = json.loads(text)["f"] if name.endswith("json") else [row["f"] for row in rows]
        assert sum(float(value) == 0 for value in values) == 9
        assert "-0.0," not in text
