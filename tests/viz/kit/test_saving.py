"""Downloads: named after network and day, units in every head, and no way round them."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from viz.kit import saving
from viz.kit.choice import Choice
from viz.kit.naming import today
from viz.kit.saving import csv_text, with_units

ROOT = Path(__file__).parents[3]
#: Calls of Streamlit that offer a file, and who may make them: the helpers that name it, and pictures of lectures, which have no tool bar.
ALLOWED = {
    "download_button": {"viz/kit/saving.py"},
    "plotly_chart": {"viz/kit/charts.py", "viz/lectures/plots.py", "viz/experiments/figure.py"},
    "dataframe": {"viz/kit/data_table.py"},
    "data_editor": set(),
}
SOURCES = sorted(p for folder in ("viz", "pages") for p in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("call", ALLOWED)
def test_nothing_is_offered_past_the_helpers_that_name_it(call: str) -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == call
    }
    assert found <= ALLOWED[call]


def test_a_table_without_its_file_has_another_beside_it_or_is_a_formulas() -> None:
    found = {p.relative_to(ROOT).as_posix() for p in SOURCES if "import data_table" in p.read_text("utf-8")}
    assert found == {"viz/kit/saving.py", "viz/explore/details.py", "viz/explore/formulas.py", "viz/latency/ledger_view.py"}


def test_charts_without_a_tool_bar_are_the_only_ones_drawn_bare() -> None:
    for path in ("viz/lectures/plots.py", "viz/experiments/figure.py"):
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "plotly_chart":
                config = next(ast.unparse(k.value) for k in node.keywords if k.arg == "config")
                assert "'displayModeBar': False" in config or "'staticPlot': True" in config


def test_heads_carry_units() -> None:
    frame = pd.DataFrame(columns=["params", "macs", "bytes_moved", "latency", "side", "way"])
    assert list(with_units(frame, {"side": "side (px)"}).columns) == ["parameters", "MACs", "bytes moved (B)", "estimated latency (s)", "side (px)", "way"]


def test_rows_of_a_file_say_network_and_day_once() -> None:
    one = pd.read_csv(io.StringIO(csv_text(pd.DataFrame({"macs": [1, 2]}), Choice("resnet50", {"groups": 32}))))
    assert one["network"].tolist() == ["resnet50, groups 32"] * 2
    assert one["date"].tolist() == [today()] * 2
    many = pd.read_csv(io.StringIO(csv_text(pd.DataFrame({"network": ["a", "b"], "date": ["x", "y"]}), "two")))
    assert many["network"].tolist() == ["a", "b"]
    assert many["date"].tolist() == ["x", "y"]


def page() -> None:
    import pandas as pd

    from viz.kit.choice import Choice
    from viz.kit.saving import saved_table

    saved_table(pd.DataFrame({"macs": [1]}), "k", of=Choice("resnet18"), what="costs")


def test_a_table_has_its_file_beside_it() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert len(app.dataframe) == 1
    assert [button.label for button in app.get("download_button")] == ["CSV"]


def test_every_button_names_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []
    monkeypatch.setattr(saving.st, "download_button", lambda *given, **_: named.append(given[2]))
    saving.save_button("Report", b"", of=[Choice("resnet50", {"groups": 32}), "vgg16", "b"], what="costs", suffix=".csv")
    assert named == [f"resnet50_groups_32_and_2_more-costs-{today()}.csv"]
