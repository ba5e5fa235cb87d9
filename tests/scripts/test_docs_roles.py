"""Roles in docstrings become plain code in the API reference."""

import pytest

from scripts.docs_roles import plain_roles


@pytest.mark.parametrize(("role", "shown"), [
    ("Raises :class:`KnobError`.", "Raises `KnobError`."),
    ("as in :func:`~blocks.catalog.registry.block`", "as in `block`"),
    (":mod:`blocks.trace` and :data:`ROOT`", "`blocks.trace` and `ROOT`"),
    ("`plain` stays: a:b", "`plain` stays: a:b"),
])  # fmt: skip
def test_roles(role: str, shown: str) -> None:
    assert plain_roles(role) == shown
