"""What pip-audit found, in short: ``pip-audit --format json | python -m scripts.audit``. It fails where something is known to be vulnerable, and where nearly nothing could
be looked up: a list that does not answer must not pass for a clean one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

MOST_SKIPPED = 0.2  # of all packages: own builds and what is on no list


def audited(report: dict[str, Any]) -> tuple[list[str], bool]:
    """Lines to print, and whether all is well."""
    found = report["dependencies"]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    bad = [(one, known) for one in found for known in one.get("vulns", ())]
    lines = [f"{one['name']} {one['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version yet'}" for one, known in bad]
    lines.append(f"{len(found) - len(skipped)} of {len(found)} packages looked up, {len(bad)} known vulnerabilities.")
    if too_few := len(skipped) > MOST_SKIPPED * len(found):
        lines.append("Too few could be looked up: is the network there?")
    return lines, not bad and not too_few


if __name__ == "__main__":
    said, well = audited(json.load(sys.stdin))
    print("\n".join(said))
    sys.exit(not well)
