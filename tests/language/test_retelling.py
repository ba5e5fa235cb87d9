"""Sentences that were said in English elsewhere, in the language of now."""

from __future__ import annotations

import ast

import pytest

from blocks.language import retell, speaking
from blocks.latency.measure.stopping import stopping_sentence
from scripts.sentences import said_by


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("The ledger is damaged.", "测量记录已损坏。"),
        ("The ledger (/tmp/a.sqlite) is locked by another program.", "测量记录（/tmp/a.sqlite）被另一个程序锁定。"),
        ("groups = 3: must divide c_in = 64. Nearest: 4 or 2.", "groups = 3：必须整除 c_in = 64。最接近的可用值：4 或 2。"),
        (
            "morr = '1': bottleneck has no such knob; it has c_in, groups. Nearest: norm.",
            "morr = '1'：bottleneck 没有这个参数；它有 c_in, groups。最接近的可用值：norm。",
        ),
        ("depths = '3 x': must be whole numbers such as 3,4,6,3.", "depths = '3 x'：必须是整数，例如 3,4,6,3。"),
        (
            "depths = (2, 2): needs one entry for each of the 4 stages. Nearest: 2,2,2,2.",
            "depths = (2, 2)：4 个阶段各需要一项。最接近的可用值：2,2,2,2。",
        ),
        ("activation = 3: must be 1. Nearest: 1.", "activation = 3：必须是1。最接近的可用值：1。"),
        (stopping_sentence("time_cap", 0.05, 0.02), "未收敛：先到达了时间上限（±5 %，要求 ±2 %）。"),
        ("Gates of block 3", "第 3 个块的门控"),
        (
            "confirmed if within 0.15, with autograd's slopes equal to finite differences within 0.001",
            "相差须在 0.15 以内，且自动求导与差分的斜率须一致到 0.001",
        ),
        (  # its sentence formats the numbers; here they are formatted already
            "α·β²·γ² = 1.92; the counted MACs grow by a factor of 1.93 with each step of φ.",
            "α·β²·γ² = 1.92；实际计数表明，φ 每加 1，乘加次数变为 1.93 倍。",
        ),
        ("nobody has translated this", "nobody has translated this"),
        ("", ""),
    ],
)
def test_a_sentence_is_told_again_with_its_values(english: str, chinese: str) -> None:
    assert retell(english) == english
    with speaking("zh"):
        assert retell(english) == chinese


def test_an_f_string_of_an_error_is_a_sentence_with_places() -> None:
    code = """
raise KnobError("a", a, f"must equal c_in = {plain(c_in)} at {x.side} of {x.side} and {y.side}", [1])
raise KnobError("a", a, "must be whole" if whole else "must be finite")
tr(f"never {this}")
"""
    found = [sentence.text for sentence in said_by(ast.parse(code), "file.py")]
    assert found == ["must equal c_in = {c_in} at {side} of {side} and {side2}", "must be whole", "must be finite"]
