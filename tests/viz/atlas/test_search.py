"""Search on the Atlas, and the links to what it found."""

from __future__ import annotations

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
    from viz.atlas.search import search_hits, search_results

    search_results(text, search_hits(text) or {})


def test_eight_are_linked_and_the_rest_counted() -> None:
    app = AppTest.from_function(page, args=("resnet",)).run()
    assert not app.exception
    assert len(app.markdown) == 8
    assert app.caption[0].value == f"and {len(catalog.search('resnet')) - 8} more in the families that stay lit"


def test_without_a_hit_it_says_what_can_be_searched() -> None:
    app = AppTest.from_function(page, args=("qqq",)).run()
    assert "Nothing mentions “qqq”" in app.info[0].value
