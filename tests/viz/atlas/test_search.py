"""Search on the Atlas, and the links to what it found."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from blocks import catalog
from viz.atlas.search import search_hits


def test_hits_are_by_family_and_none_without_a_search() -> None:
    assert search_hits("") is None
    hits = search_hits("shuffle")
    assert hits
    assert sorted(n for names in hits.values() for n in names) == sorted(catalog.search("shuffle"))
    assert all(catalog.entry(n).family.name == family for family, names in hits.items() for n in names)
    assert search_hits("nothing of this name") == {}


def page(text: str) -> None:
    from viz.atlas.search import search_results

    search_results(text)


def shown(text: str) -> AppTest:
    app = AppTest.from_function(page, args=(text,)).run()
    assert not app.exception
    return app


def test_eight_are_linked_and_the_rest_counted() -> None:
    app = shown("resnet")
    assert len(app.markdown) == 8
    assert app.caption[0].value == f"and {len(catalog.search('resnet')) - 8} more in the families that stay lit"


@pytest.mark.parametrize("text", ["resnet50", "bottleneck", "resnet", "vit_b_16"])
def test_the_best_hit_comes_first_whatever_its_family(text: str) -> None:
    linked = [m.value for m in shown(text).markdown]
    assert [f"net={name}" for name in catalog.search(text)[:8]] == [link.partition("?")[2].rstrip(")") for link in linked]


def test_without_a_hit_the_nearest_names_are_linked_or_it_is_said_what_can_be_searched() -> None:
    app = shown("resnt50")
    assert "Nothing mentions “resnt50”. Nearest:" in app.caption[0].value
    assert "net=resnet50" in app.markdown[0].value
    app = shown("qqq")
    assert "Nothing mentions “qqq”. Try an idea" in app.caption[0].value
    assert not app.markdown


def test_before_a_search_there_are_examples_that_all_find_something() -> None:
    found = [m.value for m in shown("").markdown]
    assert len(found) > 3
    assert all(catalog.search(link.partition("find=")[2].rstrip(")")) for link in found)
