"""Questions to the ledger, and what two results of one experiment say."""

from __future__ import annotations

import pytest

from blocks.latency.store.queries import RESULT_COLUMNS, LedgerError, as_csv, change_between, check_column, results_frame

EARLIER = {"median": 0.010, "low": 0.009, "high": 0.011, "torch": "2.13"}


@pytest.mark.parametrize(
    ("later", "apart", "words"),
    [
        ({"median": 0.0105, "low": 0.0100, "high": 0.0115}, False, "the intervals overlap"),
        ({"median": 0.020, "low": 0.019, "high": 0.021}, True, "Only an interleaved comparison"),
        ({"median": 0.020, "low": 0.019, "high": 0.021, "torch": "2.14"}, True, "torch was 2.13 and is 2.14"),
        ({"median": 0.020, "low": None, "high": None}, False, "2.000 times the earlier time"),
    ],
)
def test_intervals_decide_whether_results_are_apart(later: dict[str, object], apart: bool, words: str) -> None:
    found = change_between(EARLIER, EARLIER | later)
    assert found is not None
    assert found.apart is apart
    assert words in found.sentence


def test_no_median_no_change() -> None:
    assert change_between(EARLIER, EARLIER | {"median": None}) is None


def test_columns_are_those_of_the_ledger() -> None:
    check_column("network")
    with pytest.raises(LedgerError, match="has no column networks; it has id, kind"):
        check_column("networks")
    assert as_csv(results_frame([])).decode().strip() == ",".join(c.name for c in RESULT_COLUMNS)
