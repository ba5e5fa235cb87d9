"""Numbers as they are read."""

from __future__ import annotations

import pytest

from viz.kit.numbers import all_digits, change_text, memory, relative, short


@pytest.mark.parametrize(
    ("value", "text"), [(25_557_032, "25.56 M"), (999, "999"), (1_000, "1.000 k"), (4.1e9, "4.100 G"), (2.5e12, "2.500 T"), (0.5, "0.500"), (0, "0")]
)
def test_short(value: float, text: str) -> None:
    assert short(value) == text


@pytest.mark.parametrize(("value", "text"), [(512, "512 B"), (1536, "1.50 KiB"), (3 * 2**20, "3.00 MiB"), (5 * 2**30, "5.00 GiB")])
def test_memory(value: float, text: str) -> None:
    assert memory(value) == text


def test_all_digits_are_grouped() -> None:
    assert "".join(c for c in all_digits(25_557_032) if c.isdigit()) == "25557032"
    assert not all_digits(25_557_032).isdigit()


def test_a_change_has_its_sign_and_share() -> None:
    assert change_text(28_090_000, 25_560_000) == "+2.530 M (+9.9 %)"
    assert change_text(1, 2) == "−1 (−50 %)"
    assert change_text(7, 7) is None
    assert change_text(7, 0) == "+7"
    assert change_text(260, 10) == "+250 (×26)"
    assert change_text(20, 10) == "+10 (+100 %)"


@pytest.mark.parametrize(("ratio", "text"), [(1.2, "+20 %"), (0.333, "−66.7 %"), (2.0, "+100 %"), (2.5, "×2.5"), (26.0, "×26")])
def test_relative(ratio: float, text: str) -> None:
    assert relative(ratio) == text
