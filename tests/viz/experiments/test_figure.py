"""What the experiments' charts are made of: pictures, cells, colour scales, panes and the chart's size on a page and on paper."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
import torch

from tests.drawing import chart_of, charts, shown
from viz.experiments import figure
from viz.kit.screen import Screen


def test_a_pane_of_pictures_has_its_first_row_on_top_and_square_pixels() -> None:
    made = figure.panes(["a", "b", "c"], rows=2)
    assert len(list(made.select_xaxes())) == 4
    assert {axis.autorange for axis in made.select_yaxes()} == {"reversed"}
    assert [axis.scaleanchor for axis in made.select_yaxes()] == ["x", "x2", "x3", "x4"]


def test_an_outline_goes_around_whole_pixels() -> None:
    made = figure.panes(["a"])
    figure.square_outline(made, 1, 1, 3, 5, 2, "#000000")
    (square,) = made.layout.shapes
    assert (square.x0, square.x1, square.y0, square.y1) == (2.5, 4.5, 4.5, 6.5)


def test_lines_have_colours_from_the_first_on() -> None:
    one, two = figure.lines({"a": [3.0, 4.0], "b": [5.0, 6.0]}, first=3)
    assert (one.line.color, two.line.color) == (figure.colour(3), figure.colour(4))
    assert tuple(one.x) == (0, 1)


def test_a_matrix_keeps_its_rows_and_a_scale_runs_from_nothing_to_one() -> None:
    cells = figure.heat(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert [list(row) for row in cells.z] == [[1.0, 2.0], [3.0, 4.0]]
    for scale in (figure.heat_scale(), figure.diverging()):
        assert (scale[0][0], scale[-1][0]) == (0.0, 1.0)


@pytest.mark.parametrize(("height", "least"), [(420, round(420 * 0.72)), (100, 190)])
def test_a_chart_takes_its_share_of_the_step(height: int, least: int) -> None:
    app = shown(figure.show_figure, go.Figure(), Screen("s", height=height), "k")
    assert charts(app)[0]["layout"]["height"] == least


def test_paper_has_one_height_and_nothing_to_press() -> None:
    app = shown(figure.show_figure, go.Figure(), Screen("s", height=900, still=True), "k")
    assert charts(app)[0]["layout"]["height"] == 340
    assert '"staticPlot": true' in app.get("plotly_chart")[0].proto.config


def test_titles_of_panes_have_room_above_the_chart() -> None:
    def draw(titles: list[str], screen: Screen, key: str) -> None:
        figure.show_figure(figure.panes(titles), screen, key)

    assert chart_of(draw, ["a title"])["layout"]["margin"]["t"] > Screen("s").ink
