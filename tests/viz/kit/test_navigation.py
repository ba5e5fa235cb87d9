"""Links to other pages, inside of the app's navigation and outside of it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from viz.kit.choice import Choice
from viz.kit.links import Link, course_link, explore_link, latency_link
from viz.kit.navigation import exists


def test_the_app_has_its_own_pages_and_no_others() -> None:
    assert all(exists(link) for link in (course_link(), explore_link(Choice()), latency_link([Choice()])))
    assert not exists(Link("pages/nothing.py", []))


def page() -> None:
    from viz.kit.choice import Choice
    from viz.kit.links import explore_link
    from viz.kit.navigation import go, link_to

    link_to(explore_link(Choice("vgg11")), "Open")
    go(explore_link(Choice("vgg13")))


def test_a_page_by_itself_says_where_its_links_lead() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert [m.value for m in app.markdown] == ["[Open](/explore?net=vgg11)", "[/explore?net=vgg13](/explore?net=vgg13)"]
