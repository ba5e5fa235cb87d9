"""Errors whose message is a sentence for users."""

from __future__ import annotations

from blocks.language.retelling import retell


class SpokenError(Exception):
    """An error that is raised in English and said in the language of whoever reads it: a cache or another thread may keep it in between."""

    def __str__(self) -> str:
        return retell(super().__str__())
