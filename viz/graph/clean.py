"""Names without the characters that XML and DOT forbid."""

from __future__ import annotations

_FORBIDDEN = {c: "�" for c in range(32) if c not in (9, 10, 13)} | {0xFFFE: "�", 0xFFFF: "�"}


def clean(value: str) -> str:
    """``value`` with the replacement character in place of control characters and lone surrogates."""
    return value.translate(_FORBIDDEN).encode("utf-8", "replace").decode()
