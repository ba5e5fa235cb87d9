"""A person's own words inside a page's Markdown."""

from __future__ import annotations


def plain_markdown(text: str) -> str:
    """``text`` with nothing that Markdown would read."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>$~:" else c for c in text)
