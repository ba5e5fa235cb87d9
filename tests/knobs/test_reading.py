"""Text to numbers: plain decimal notation and nothing else."""

from __future__ import annotations

import pytest

from blocks.knobs.reading import as_number, as_whole, as_wholes


@pytest.mark.parametrize("text", ["²", "x²", "٣", "1_0", " 1", "1.0", "", "-", "--1", "9" * 30, "9" * 5000])
def test_what_is_no_whole_number(text: str) -> None:
    assert as_whole(text) is None


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "1_0", "", ".", "e5", "0x10", "1" * 5000, "1e99999"])
def test_what_is_no_finite_number(text: str) -> None:
    assert as_number(text) is None


def test_numbers() -> None:
    assert [as_whole(t) for t in ("0", "-5", "+4", "007")] == [0, -5, 4, 7]
    assert [as_number(t) for t in ("0", "-5", ".5", "2.", "1e-3", "+4E2")] == [0, -5, 0.5, 2, 0.001, 400]


@pytest.mark.parametrize("text", ["64 128 256 512", "64,128,256,512", "(64, 128, 256, 512)", "[64,128 256  512,]"])
def test_a_list_has_commas_or_spaces(text: str) -> None:
    assert as_wholes(text) == (64, 128, 256, 512)


@pytest.mark.parametrize("text", ["", "()", "1,x", "1.5,2", "²"])
def test_what_is_no_list(text: str) -> None:
    assert as_wholes(text) is None
