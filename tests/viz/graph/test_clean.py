"""Characters that XML and DOT forbid."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from viz.graph.clean import clean


@pytest.mark.parametrize(
    ("name", "cleaned"), [("stage 1\t×2\n", "stage 1\t×2\n"), ("a\x00b\x1b", "a�b�"), ("\ufffe\uffff", "��"), ("half \ud800", "half ?"), ("块 😀", "块 😀")]
)
def test_what_is_forbidden_is_replaced_and_all_else_kept(name: str, cleaned: str) -> None:
    assert clean(name) == cleaned
    assert ET.fromstring(f"<t>{clean(name)}</t>").text == cleaned
