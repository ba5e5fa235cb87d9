"""Fonts with Chinese letters, where a system keeps them."""

from __future__ import annotations

from pathlib import Path

from viz.compare.fonts import find_font


def test_the_preferred_font_is_found_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("a/b/NotoSansCJK-Regular.ttc", "c/msyh.ttc", "c/DejaVuSans.ttf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = find_font([tmp_path / "c", tmp_path / "a"])
    assert found is not None
    assert (found.path, found.number) == (tmp_path / "a/b/NotoSansCJK-Regular.ttc", 2)
    other = find_font([tmp_path / "c"])
    assert other is not None
    assert other.path.name == "msyh.ttc"


def test_without_a_font_that_is_known_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "DejaVuSans.ttf").touch()
    assert find_font([tmp_path, tmp_path / "missing"]) is None
