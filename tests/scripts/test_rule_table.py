"""The page of counting rules is what the rules say now."""

from __future__ import annotations

import pytest

from scripts import rule_table


def test_the_page_is_what_the_rules_say() -> None:
    assert rule_table.RULES_PAGE.read_text() == rule_table.rules_page(), "python -m scripts.rule_table --write"


def test_a_formula_as_people_write_it() -> None:
    for name, said in {
        "conv2d": ("B×C×H×W, D×C/g×k×k, D", "B·C·D·H·W·k²/g", "B·D·H·W", "MACs 4·B·C·D·H·W·k²/g + 2·B·D·H·W"),
        "mean": ("N×M", "0", "M·N + N", "2·M·N + 2·N"),
        "permute": ("", "0", "0, a view", ""),
    }.items():
        assert rule_table._row(name, rule_table.priced_operations()[name]) == said


def test_without_being_asked_to_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert rule_table.main([]) == 0
    assert capsys.readouterr().out == rule_table.rules_page() + "\n"
