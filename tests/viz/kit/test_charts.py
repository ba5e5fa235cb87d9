"""Charts: one look, readable logarithmic axes, white paper whatever the theme."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from viz.kit import charts, palette
from viz.kit.naming import today


@pytest.mark.parametrize("dark", [False, True])
def test_the_ground_is_the_pages(dark: bool) -> None:
    figure = charts.styled(go.Figure(go.Scatter(x=[1, 2], y=[3, 4])), 300, dark)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == palette.GROUND.on(dark)
    assert figure.layout.height == 300


def test_margins_that_a_figure_asks_for_stay() -> None:
    figure = go.Figure().update_layout(margin={"l": 77})
    made = charts.styled(figure, dark=False).layout.margin
    assert (made.l, made.r) == (77, 16)
    assert charts.styled(go.Figure().update_layout(title="T"), dark=False).layout.margin.t == 40


@pytest.mark.parametrize(("values", "tick"), [([1, 5], None), ([1, 500], "D2"), ([0, -3, 2], None), ([], None)])
def test_only_a_long_logarithmic_axis_is_marked_at_1_2_and_5(values: list[float], tick: str | None) -> None:
    figure = go.Figure(go.Scatter(x=values, y=values)).update_yaxes(type="log")
    made = charts.styled(figure, dark=False)
    assert made.layout.yaxis.dtick == tick
    assert made.layout.xaxis.dtick is None
    assert (made.layout.yaxis.tickformat, made.layout.xaxis.tickformat) == (".6~g", None)


@pytest.mark.parametrize(("values", "form"), [([2e6, 9e9], "~s"), ([0.2, 9e9], ".6~g"), ([3, 40], ".6~g")])
def test_large_numbers_are_shortened_and_small_ones_are_not(values: list[float], form: str) -> None:
    figure = go.Figure(go.Scatter(x=values, y=values)).update_xaxes(type="log")
    assert charts.styled(figure, dark=False).layout.xaxis.tickformat == form


def test_marks_that_a_logarithmic_axis_has_of_its_own_stay() -> None:
    figure = go.Figure(go.Scatter(x=[1, 500], y=[1, 500])).update_xaxes(type="log", exponentformat="power").update_yaxes(type="log", tickvals=[3, 30])
    made = charts.styled(figure, dark=False).layout
    assert (made.xaxis.dtick, made.xaxis.tickformat, made.xaxis.exponentformat) == (1, None, "power")
    assert (made.yaxis.dtick, made.yaxis.tickformat, made.yaxis.exponentformat) == (None, None, "SI")


def test_each_pane_has_the_marks_of_its_own_data() -> None:
    figure = go.Figure([go.Scatter(x=[1, 2], y=[0.01, 5]), go.Scatter(x=[1, 2], y=[30, 40], yaxis="y2")])
    made = charts.styled(figure.update_layout(yaxis={"type": "log"}, yaxis2={"type": "log"}), dark=False).layout
    assert (made.yaxis.dtick, made.yaxis.tickformat) == ("D2", ".6~g")
    assert (made.yaxis2.dtick, made.yaxis2.tickformat) == (None, ".6~g")


@pytest.mark.parametrize("size", [14, 18, 27])
def test_words_of_axes_and_legend_grow_with_the_screen(size: int) -> None:
    made = charts.lettered(charts.styled(go.Figure(go.Scatter(x=[1], y=[2])), dark=False), size).layout
    small = (made.xaxis.tickfont.size, made.yaxis.tickfont.size, made.xaxis.title.font.size, made.legend.font.size)
    assert made.font.size == size
    assert all(0.65 * size < one < 0.8 * size for one in small)
    assert made.xaxis.tickfont.color == palette.QUIET.light


def test_names_of_points_are_not_cut_at_the_axes() -> None:
    figure = go.Figure([go.Scatter(x=[1], y=[2], mode="markers+text", text=["net"]), go.Scatter(x=[1], y=[2], mode="lines"), go.Bar(x=[1], y=[2])])
    assert [trace.cliponaxis for trace in charts.styled(figure, dark=False).data] == [False, None, None]


def test_the_legend_has_the_lower_edge_of_the_chart_to_itself() -> None:
    legend = charts.styled(go.Figure(), dark=False).layout.legend
    assert (legend.yref, legend.yanchor, legend.y) == ("container", "bottom", 0)


def test_paper_is_white_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr(charts.st, "context", SimpleNamespace(theme=SimpleNamespace(type="dark")))
    assert charts.is_dark()
    with charts.paper():
        assert not charts.is_dark()
    assert charts.is_dark()


def page() -> None:
    import pandas as pd
    import plotly.graph_objects as go

    from viz.kit.charts import chart
    from viz.kit.choice import Choice

    chart(go.Figure(go.Scatter(x=[1], y=[2])), key="k", name="n", of=Choice("resnet18", {"se_ratio": 16}), frame=pd.DataFrame({"x": [1]}))


def test_a_chart_has_a_choice_of_picture_and_its_numbers() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.session_state["k-form"] == "svg"
    drawn = app.get("plotly_chart")[0].proto
    assert f"resnet18, SE ratio 16 · {today()}" in json.loads(drawn.spec)["layout"]["title"]["text"]
    assert json.loads(drawn.config)["toImageButtonOptions"]["filename"] == f"resnet18_SE_ratio_16-n-{today()}"


@pytest.mark.parametrize(("title", "of", "lines"), [("", "resnet50", 1), ("Own", "resnet50", 2), ("", "a long name " * 12, 3), ("", "a<b>", 1)])
def test_the_line_on_a_picture_has_room_above_the_plot(title: str, of: str, lines: int) -> None:
    figure = go.Figure(go.Scatter(x=[1], y=[2])).update_layout(title=title or None)
    bare = charts.styled(figure, dark=False).layout.margin.t
    made = charts.says(figure, of, dark=False)
    text = made.layout.title.text
    assert text.count("<br>") == lines - 1
    assert "<b>" not in text
    assert made.layout.margin.t == bare + 15 * (lines - bool(title))


@pytest.mark.parametrize(
    ("high", "wanted"),
    [
        (2, (None, None)),
        (5, ("D2", None)),
        (25, ("D2", None)),
        (300, (None, (1, 3, 10, 30, 100, 300, 1000, 3000))),
        (1e5, (1, None)),
    ],
)
def test_a_logarithmic_axis_has_as_many_ticks_as_a_phone_has_room_for(high: float, wanted: tuple[object, object]) -> None:
    axis = charts.styled(go.Figure(go.Scatter(x=[1, high], y=[1, 2])).update_xaxes(type="log"), dark=False).layout.xaxis
    assert (axis.dtick, axis.tickvals) == wanted
