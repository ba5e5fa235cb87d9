"""The headline: five figures, each with its change against the published network."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def test_figures_and_changes() -> None:
    def page() -> None:
        from blocks import analyse
        from viz.kit.headline import headline

        wide, plain = analyse("basic_block", c_in=128, c_out=128), analyse("basic_block")
        headline(wide, plain)
        headline(plain, None)

    at = AppTest.from_function(page, default_timeout=240).run()
    assert not at.exception
    assert [m.label for m in at.metric[:5]] == ["Parameters", "MACs", "FLOPs", "Bytes moved", "Peak memory"]
    assert at.metric[0].delta.startswith("+")
    assert [m.delta for m in at.metric[5:]] == ["as published"] * 5


def test_a_network_from_outside_was_not_published() -> None:
    def page() -> None:
        from blocks import analyse
        from viz.kit.headline import headline

        analysis = analyse("basic_block")
        analysis.name = "file:Own"
        headline(analysis, None)

    at = AppTest.from_function(page, default_timeout=240).run()
    assert [m.delta for m in at.metric] == ["as opened"] * 5
