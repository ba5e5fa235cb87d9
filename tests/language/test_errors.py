"""Errors are raised in English and speak the language of who reads them."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.knobs.errors import require_divides
from blocks.language import speaking
from blocks.trace.errors import DependsOnData, TraceError


def test_an_error_speaks_the_language_of_who_reads_it() -> None:
    with speaking("zh"), pytest.raises(KnobError) as raised:
        require_divides("groups", 3, c_in=64)
    assert str(raised.value) == "groups = 3: must divide c_in = 64. Nearest: 2 or 4."
    with speaking("zh"):
        assert str(raised.value) == "groups = 3：必须整除 c_in = 64。最接近的可用值：2 或 4。"
        assert "张量的值（if, while, bool）" in str(DependsOnData("__bool__"))
        assert str(TraceError(DependsOnData.sentence("__int__"), "stem")).startswith("stem: 前向中读取了张量的值")
    assert raised.value.rule == "must divide c_in = 64"
