"""Registries, whose members are imported when they are asked for."""

from __future__ import annotations

import json
import sys

import pytest

from gradviz.registry import Registry

MEMBERS = Registry(
    "json", {"reader": "decoder.JSONDecoder", "writer": "encoder.JSONEncoder"}, make=lambda c: c()
)


def test_a_member_is_made_when_it_is_asked_for(monkeypatch):
    """Its names are known before, and its module is imported then."""
    monkeypatch.delitem(sys.modules, "json.encoder")
    assert list(MEMBERS) == ["reader", "writer"]
    assert "writer" in MEMBERS
    assert len(MEMBERS) == 2
    assert "json.encoder" not in sys.modules
    assert MEMBERS["writer"].encode([1]) == "[1]"
    assert isinstance(MEMBERS["reader"], json.JSONDecoder)


def test_a_name_that_is_none_is_told_so():
    """As any mapping does."""
    assert "other" not in MEMBERS
    assert 3 not in MEMBERS
    with pytest.raises(KeyError, match="other"):
        MEMBERS["other"]
