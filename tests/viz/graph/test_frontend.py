"""The viewer's front end: scripts that a browser accepts, colours for every kind, the parts of the templates."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from blocks.trace.graph import OPERATION_KINDS
from viz.graph.frontend import offline_template, script, style_sheet, template
from viz.graph.marks import DIFFERENCES
from viz.kit.palette import RAMP, ramp


@pytest.mark.parametrize("entry", ["mount.js", "offline.js", "save.js", "viewer.js"])
@pytest.mark.skipif(shutil.which("node") is None, reason="no Node: install the package nodejs")
def test_every_entry_joins_to_one_script(entry: str, tmp_path: Path) -> None:
    path = tmp_path / f"{entry}.mjs"
    path.write_text(script(entry), "utf-8")
    assert subprocess.run(["node", "--check", path], capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.parametrize(("entry", "exports"), [("mount.js", 1), ("save.js", 1), ("offline.js", 0), ("viewer.js", 0)])
def test_only_a_component_exports_and_only_its_entry(entry: str, exports: int) -> None:
    assert len(re.findall(r"^export default function ", script(entry), re.MULTILINE)) == exports
    assert not re.search(r"^(import|export (?!default))", script(entry), re.MULTILINE)


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node: install the package nodejs")
def test_the_browser_and_the_files_have_one_colour_scale() -> None:
    shares = [i / 20 for i in range(21)]
    code = (
        script("viewer.js")
        + f"""
const ramps = {[list(stops) for stops in RAMP]};
console.log(ramps.map((stops) => {shares}.map((share) => "#" + rampAt(stops, share).map((v) => v.toString(16).padStart(2, "0")).join(""))).flat().join(" "));"""
    )
    found = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True).stdout.split()
    ours = [ramp(share, dark) for dark in (False, True) for share in shares]
    assert len(found) == len(ours) == 42
    for theirs, wanted in zip(found, ours, strict=True):
        assert all(abs(int(theirs[i : i + 2], 16) - int(wanted[i : i + 2], 16)) <= 1 for i in (1, 3, 5)), (theirs, wanted)


def test_the_style_sheet_has_a_colour_for_every_kind_and_mark_in_both_themes() -> None:
    sheet = style_sheet()
    for scope in (".viewer", ".viewer.dark"):
        assert all(f"{scope} .k-{kind} {{" in sheet for kind in (*OPERATION_KINDS, "module"))
        assert all(f"{scope} .mark-{mark} {{" in sheet for mark in DIFFERENCES)


def test_the_templates_have_the_parts_that_the_scripts_look_for() -> None:
    page = template()
    for wanted in re.findall(r'only\((?:viewer\.)?(?:this\.)?root, "\.([\w-]+)"\)', script("viewer.js")):
        assert re.search(rf'class="[^"]*\b{wanted}\b', page), wanted
    assert re.findall(r"<!--(\w+)-->", offline_template()) == ["TITLE", "THEME", "FONT", "STYLE", "VIEWER", "DATA", "SCRIPT"]
