"""A person's words are shown as they are."""

from __future__ import annotations

from viz.kit.markdown import plain_markdown


def test_what_markdown_would_read_is_escaped() -> None:
    assert plain_markdown("a*b [c](d) $x$") == r"a\*b \[c\]\(d\) \$x\$"
