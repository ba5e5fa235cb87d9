"""Every lecture that is there: its names, its options, its figures, its two languages; and the proof's own eyes."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocks import catalog
from viz.lectures import course
from viz.lectures.proof import problems, typed
from viz.lectures.source import Lecture, View, parse, read_lecture

FILES = course.files()
FRONT = "---\ntitle: Tiny\nfamily: resnet\norder: 7\nbuilds_on:\nsummary: Small.\n---\n"


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_nothing_is_wrong_with_it(path: Path) -> None:
    assert problems(read_lecture(path)) == []


@pytest.mark.parametrize("name", sorted({p.stem for p in FILES}))
def test_both_languages_tell_the_same(name: str) -> None:
    found = [course.find_lecture(name, language) for language in ("en", "zh")]
    english, chinese = found
    assert english is not None
    assert chinese is not None
    assert (english.language, chinese.language) == ("en", "zh")
    assert (english.order, english.builds_on, english.family, english.covers) == (chinese.order, chinese.builds_on, chinese.family, chinese.covers)
    assert outline(english) == outline(chinese)


def outline(lecture: Lecture) -> list[list[object]]:
    """The fences of each step, in order, without labels; and whether it has notes."""
    return [
        [*(unlabelled(p) if isinstance(p, View) else type(p).__name__ for p in step.parts() if not hasattr(p, "text")), bool(step.notes)]
        for step in lecture.steps
    ]


def unlabelled(view: View) -> tuple[str, tuple[tuple[str, str], ...]]:
    options = {k: ";".join(t.split(" as ")[0].strip() for t in v.split(";")) if k == "names" else v for k, v in view.options.items()}
    return view.kind, tuple(sorted(options.items()))


def test_every_family_has_its_lecture() -> None:
    for language in ("en", "zh"):
        found = {family.name: course.find_lecture(family.name, language) for family in catalog.families()}
        assert [name for name, lecture in found.items() if lecture is None] == []
        named = [name for lecture in course.lectures(language) for name in (lecture.family, *lecture.covers)]
        assert sorted(named) == sorted(found)  # each by one lecture


def test_the_course_is_in_order_and_builds_on_what_comes_before() -> None:
    found = course.lectures("en")
    place = {lecture.name: lecture.order for lecture in found}
    assert len(set(place.values())) == len(place)
    for lecture in found:
        assert all(place[name] < lecture.order for name in lecture.builds_on if name in place)


@pytest.mark.parametrize(
    "text",
    [
        "It has 25.6 M parameters.",
        "It has 69,632 weights.",
        "It takes 4.1 GMACs.",
        "About 25 million of them.",
        "共有 2550 万个参数。",
        "共 70 144 个。",
        "It is 3.92 times smaller.",
        "小 8.4 倍。",
        "In all 70144.",
        "It runs in 12 ms.",
        "$k^2 = 589{,}824$ or 589824",
        "{{params resnet18}} is 11.69 of them",
    ],
)
def test_a_typed_figure_is_seen(text: str) -> None:
    assert list(typed(text, {}))


@pytest.mark.parametrize(
    "text",
    [
        "Two 3x3 convolutions at 64 channels, in 1998 and 2015, ResNet-50.",
        "{{params resnet18}} and {{cite 4,867 M | Howard et al. 2017, table 4}}.",
        "See `resnet50_2048` and [the paper](https://arxiv.org/abs/1512.03385).",
        r"$\alpha = 0.5$, step 3 of 10, 18/25.",
        "把卷积核调到 5，40 个块，34 层。",
    ],
)
def test_what_is_no_figure_passes(text: str) -> None:
    assert list(typed(text, {})) == []


@pytest.mark.parametrize(
    ("fence", "sentence"),
    [
        ("```graph\nname: resnet5\n```", "is not in the catalog"),
        ("```graph\nname: resnet18\nlevel: atoms\n```", "must be one of"),
        ("```graph\nname: resnet18\ncolour: red\n```", "no such option"),
        ("```formula\nname: basic_block\nof: beauty\n```", "must be one of"),
        ("```knobs\nname: basic_block\nturn: colour\n```", "colour"),
        ("```knobs\nname: basic_block\nturn: kernel_size\nkernel_size: 4\n```", "must be odd"),
        ("```chart\nnames: basic_block\nof: macs\nturn: kernel_size\nvalues: 1,4\n```", "must be odd"),
        ("```experiment\nname: alchemy\n```", "must be one of"),
        ("```experiment\nname: plain_and_residual\ndepth: 9999\n```", "must lie between"),
        ("```experiment\nname: plain_and_residual\nturn: colour\n```", "colour"),
        ("```figures\nnames: resnet18; resnet18 groups=3\n```", "groups"),
        ("It has {{parms resnet18}}.", "is none of"),
        ("```question\nWhy 25.6 M?\n---\nBecause.\n```", "a number with a unit"),
    ],
)
def test_a_mistake_in_a_view_is_said(fence: str, sentence: str) -> None:
    found = problems(parse(FRONT + "## One\n" + fence, Path("en/tiny.md")))
    assert any(sentence in problem for problem in found), found
