"""300 addresses of before open what they opened then."""

from __future__ import annotations

import json

import pytest

from tests.baseline import addresses

RECORDED = addresses.load()


@pytest.mark.parametrize("page", sorted(addresses.READERS))
def test_old_addresses_open_what_they_opened(page: str) -> None:
    mine = {a: what for a, what in RECORDED.items() if a.split("?")[0] == f"/{page}"}
    assert mine
    wrong = {a: (now, what) for a, what in mine.items() if (now := json.loads(json.dumps(addresses.opens(a)))) != what}
    assert wrong == {}


def test_there_are_300() -> None:
    assert len(RECORDED) == 300
