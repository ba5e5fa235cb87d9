"""Addresses inside the app: what each page's link says, and what is read back from it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.kit.choice import Choice
from viz.kit.links import Variant, compare_link, course_link, explore_link, latency_link, lecture_link, read_variants


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (explore_link(Choice("resnet18", batch=2)), "/explore?net=resnet18&batch=2"),
        (lecture_link("resnet"), "/lectures?lecture=resnet"),
        (lecture_link("resnet", 3, "zh"), "/lectures?lecture=resnet&step=3&lang=zh"),
        (course_link(), "/lectures?lang=en"),
        (course_link("zh"), "/lectures?lang=zh"),
        (latency_link([Choice("vgg11")], "sweep", device="cpu"), "/latency?v=net%3Dvgg11&section=sweep&device=cpu"),
    ],
)
def test_the_address_of_each_page(link: object, url: str) -> None:
    assert getattr(link, "url") == url  # noqa: B009


@given(
    st.lists(
        st.builds(Variant, st.builds(Choice, st.sampled_from(["resnet18", "vgg11"]), batch=st.integers(1, 9)), st.text("ab =&%ü;", max_size=9)),
        min_size=1,
        max_size=4,
    )
)
def test_variants_survive_the_address_bar(variants: list[Variant]) -> None:
    texts = [text for key, text in parse_qsl(urlsplit(compare_link(variants).url).query) if key == "v"]
    found, problems = read_variants(texts)
    assert problems == []
    assert [v.choice for v in found] == [v.choice for v in variants]
    assert [v.label for v in found] == [" ".join(v.label.split()) for v in variants]


def test_what_cannot_be_used_is_said_with_its_number() -> None:
    found, problems = read_variants(["net=resnet18", "batch=2", "net=resnet81", "net=vgg11&depth=x", "batch=1", "batch=1", "net=vgg13"])
    assert [v.choice for v in found] == [Choice("resnet18"), Choice("vgg11")]
    assert problems[0].startswith("The link has 7 variants")
    assert [p.split(":")[0] for p in problems[1:]] == [f"Variant {n}" for n in (2, 3, 4, 5, 6)]
