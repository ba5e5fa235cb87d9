"""The Atlas: what it opens with, what a link restores, what a search finds, and old addresses of Explore."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from blocks import catalog
from blocks.catalog import lineage

ROOT = Path(__file__).resolve().parents[2]


def opened(page: str = "pages/atlas.py", **params: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / page), default_timeout=240)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def said(at: AppTest) -> str:
    return "\n".join(m.value for m in at.markdown)


def test_it_opens_with_the_ideas() -> None:
    at = opened()
    assert not at.exception
    assert all(idea.title in said(at) for idea in lineage.IDEAS)


@pytest.mark.parametrize("family", [f.name for f in catalog.families()])
def test_each_family_shows_its_idea_its_sources_and_its_presets(family: str) -> None:
    at = opened(family=family)
    assert not at.exception
    text = said(at)
    titles = {f.name: f.title for f in catalog.families()}
    assert next(f.idea for f in catalog.families() if f.name == family) in text
    assert all(f"**{titles[e.source]}**: {e.what}" in text for e in lineage.sources_of(family))
    assert all(f"/explore?net={name}" in text for name in catalog.names(kind="model", family=family))


def test_a_family_that_does_not_exist_is_said_with_the_nearest() -> None:
    at = opened(family="mobilenet_v4")
    assert not at.exception
    assert "mobilenet_v" in at.error[0].value
    assert "Seven ideas" in said(at)


def test_a_search_finds_networks_and_goes_into_the_address() -> None:
    at = opened()
    at.text_input(key="find").set_value("shuffle").run()
    assert not at.exception
    assert "/explore?net=shuffle_unit" in said(at)
    assert at.query_params["find"] in ("shuffle", ["shuffle"])


def test_a_search_without_a_hit_says_so_and_the_map_stays() -> None:
    at = opened(find="zebra")
    assert not at.exception
    assert any("Nothing mentions" in c.value for c in at.caption)
    assert "Seven ideas" in said(at)


def test_an_old_address_of_explore_still_opens_it() -> None:
    at = opened("app.py", net="vgg11", batch="2")
    assert not at.exception
    assert any(m.label == "Parameters" and m.value == "132.9 M" for m in at.metric)
    assert "2 × 3 × 224 × 224" in said(at)


def test_an_old_address_with_a_mistake_opens_explore_and_says_what_was_wrong() -> None:
    at = opened("app.py", net="resnet18", se_ration="4")
    assert not at.exception
    assert any("no such knob" in e.value for e in at.error)
