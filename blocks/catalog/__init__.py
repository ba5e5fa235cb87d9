"""The catalog: every block, model and preset by name, and networks from outside under their addresses.

from blocks import catalog
catalog.names(kind="model"), catalog.search("shuffle"), catalog.knobs("resnet50"), catalog.build("resnet50", se_ratio=16)
"""

from blocks.catalog import opened
from blocks.catalog.declarations import block, family, model, presets
from blocks.catalog.entries import Entry, Family, Paper
from blocks.catalog.naming import snake_case, spaced
from blocks.catalog.registry import (
    blocks_by_class,
    build,
    entry,
    families,
    free_places,
    input_shape,
    is_address,
    knobs,
    make,
    names,
    search,
    settings,
    suggestions,
)
from blocks.catalog.words import knobs_of_words

__all__ = [
    "Entry",
    "Family",
    "Paper",
    "block",
    "blocks_by_class",
    "build",
    "entry",
    "families",
    "family",
    "free_places",
    "input_shape",
    "is_address",
    "knobs",
    "knobs_of_words",
    "make",
    "model",
    "names",
    "opened",
    "presets",
    "search",
    "settings",
    "snake_case",
    "spaced",
    "suggestions",
]
