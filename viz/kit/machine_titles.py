"""Machines by name, for every page that estimates latency."""

from __future__ import annotations

from blocks.latency.roofline.known_machines import all_machines


def machine_titles() -> dict[str, str]:
    """Titles of the machines that latency can be estimated for, by name."""
    return {m.name: m.title for m in all_machines()}
