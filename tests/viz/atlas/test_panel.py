"""What the Atlas says beside the map."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from blocks import catalog
from blocks.catalog import lineage


def page(family: str) -> None:
    from viz.atlas.panel import family_panel

    family_panel(family)


def test_a_family_has_its_lineage_and_presets() -> None:
    app = AppTest.from_function(page, args=("resnet",), default_timeout=240).run()
    assert not app.exception
    assert app.markdown[0].value.startswith("#### ResNet")
    assert [e.label for e in app.expander] == [f"Took from {len(lineage.sources_of('resnet'))}", f"Gave to {len(lineage.followers_of('resnet'))}"]
    linked = " ".join(m.value for m in app.markdown)
    assert all(f"[{name}](" in linked for name in catalog.names(kind="model", family="resnet"))


def test_without_a_family_the_ideas_are_explained() -> None:
    app = AppTest.from_function(page, args=("",), default_timeout=240).run()
    assert not app.exception
    text = " ".join(m.value for m in app.markdown)
    assert all(idea.sentence in text for idea in lineage.IDEAS)
