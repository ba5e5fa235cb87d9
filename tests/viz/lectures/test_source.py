"""The format of a lecture's file: what it reads, and the sentence for what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from viz.lectures.source import LectureError, Question, Text, View, parse

PATH = Path("en/tiny.md")
FRONT = "---\ntitle: Tiny\nfamily: resnet\norder: 7\nbuilds_on: vgg, inception\nsummary: Small.\n---\n"


def test_steps_rows_columns_views_and_notes() -> None:
    lecture = parse(
        FRONT + "## One\nText {{params resnet18}}\n\n```graph\nname: basic_block\nc_in: 48\n```\n||| 2:3\nRight\n===\nBelow\n```notes\nSay it.\n```\n"
        "## Two\n```question\nWhy?\n---\nBecause.\n```\n```python\nx = 1  # ## no heading\n```\n",
        PATH,
    )
    assert (lecture.name, lecture.language, lecture.order, lecture.builds_on) == ("tiny", "en", 7, ("vgg", "inception"))
    one, two = lecture.steps
    assert (one.title, one.notes) == ("One", "Say it.")
    assert [row.ratio for row in one.rows] == [[2, 3], [1]]
    text, graph = one.rows[0].columns[0]
    assert isinstance(text, Text)
    assert isinstance(graph, View)
    assert (graph.kind, graph.options) == ("graph", {"name": "basic_block", "c_in": "48"})
    question, code = two.rows[0].columns[0]
    assert question == Question("Why?", "Because.", two.line + 1)
    assert isinstance(code, Text)
    assert "# ## no heading" in code.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("## One\nText", "front matter"),
        (FRONT.replace("order: 7", "order: x") + "## One\nText", "order must be a whole number"),
        (FRONT.replace("order: 7", "order: ²") + "## One\nText", "order must be a whole number"),
        (FRONT.replace("order: 7", "order: -7") + "## One\nText", "order must be a whole number"),
        (FRONT.replace("order: 7\n", "") + "## One\nText", "missing: order"),
        (FRONT.replace("order", "ordre") + "## One\nText", "missing: order"),
        (FRONT.replace("order: 7", "order: 7\ncolour: red") + "## One\nText", "unknown: colour"),
        (FRONT, "needs steps"),
        (FRONT + "Text\n## One\nText", "before the first step"),
        (FRONT + "## One\n", "empty"),
        (FRONT + "## One\n```grph\nname: vgg11\n```", "“grph” is no view"),
        (FRONT + "## One\n```graph\nlevel: stage\n```", "graph needs name"),
        (FRONT + "## One\n```graph\nname: a\nname: b\n```", "given twice"),
        (FRONT + "## One\n```graph\nwhat is this\n```", "expected key: value"),
        (FRONT + "## One\n```graph\nname: a\n## Two\nText", "not closed"),
        (FRONT + "## One\n```question\nWhy?\n```", "answer below a line of ---"),
        (FRONT + "## One\na\n||| 1:2:3\nb", "does not fit 2 columns"),
    ],
)
def test_a_broken_file_is_a_sentence_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(LectureError, match=r"en/tiny\.md, line \d+: ") as caught:
        parse(text, PATH)
    assert sentence in str(caught.value)
