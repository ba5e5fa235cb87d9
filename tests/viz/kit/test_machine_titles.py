"""Machines by name."""

from __future__ import annotations

from viz.kit.machine_titles import machine_titles


def test_a_known_card_has_its_title() -> None:
    assert "4090" in machine_titles()["rtx4090"]
