"""What views are drawn with: keys that tell two views apart, heights that follow the window."""

from __future__ import annotations

from viz.kit.screen import PICTURE, Screen


def test_two_views_of_one_kind_have_two_keys() -> None:
    screen = Screen("L.resnet.1")
    one, other = screen.place("chart", {"of": "macs"}), screen.place("chart", {"of": "params"})
    assert one != other
    assert one.startswith("L.resnet.1.chart.")
    assert one == screen.place("chart", {"of": "macs"})


def test_a_height_is_for_a_window_of_720_pixels() -> None:
    assert Screen("s").pixels({}) == 420
    assert Screen("s").pixels({"height": "300"}) == 300
    large = Screen("s", height=round(1440 * PICTURE), large=True)
    assert large.pixels({"height": "300"}) == 600
    assert large.ink > Screen("s").ink == 14
