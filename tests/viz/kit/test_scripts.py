"""Modules joined into one script: order, names, and what cannot be joined."""

from __future__ import annotations

from pathlib import Path

import pytest

from viz.kit.scripts import joined_script


def modules(folder: Path, **sources: str) -> Path:
    """A folder of modules; the path of the one called ``entry``."""
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source)
    return folder / "entry.js"


def test_what_is_imported_comes_first_and_once(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        entry='import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\n\nexport default function (x) {\n  return a + b + x;\n}\n',
        a='import { b } from "./b.js";\n\nexport const a = b + 1;\n',
        b="export const b = 1;\n",
    )
    joined = joined_script(entry)
    assert joined.index("const b = 1") < joined.index("const a = b + 1") < joined.index("export default")
    assert joined.count("const b = 1") == 1
    assert "import" not in joined
    assert joined.count("export") == 1


def test_modules_of_another_folder_are_joined_too(tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit" / "dom.js").write_text("export const dom = 1;\n")
    (tmp_path / "page").mkdir()
    entry = modules(tmp_path / "page", entry='import { dom } from "../kit/dom.js";\nconst used = dom;\n')
    assert joined_script(entry).split() == ["const", "dom", "=", "1;", "const", "used", "=", "dom;"]


@pytest.mark.parametrize(
    "line", ['import a from "./a.js";', 'import * as a from "./a.js";', 'import { a } from "package";', 'export * from "./a.js";', "export { a };"]
)
def test_what_cannot_be_joined_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"entry\.js: .* cannot be joined"):
        joined_script(modules(tmp_path, entry=f"{line}\n", a="export const a = 1;\n"))


def test_one_name_in_two_modules_is_refused(tmp_path: Path) -> None:
    entry = modules(tmp_path, entry='import { a } from "./a.js";\nfunction same() {}\n', a="const same = 1;\nexport const a = same;\n")
    with pytest.raises(ValueError, match=r"same defined by more than one of a\.js, entry\.js"):
        joined_script(entry)


def test_a_circle_is_refused(tmp_path: Path) -> None:
    entry = modules(tmp_path, entry='import { a } from "./a.js";\n', a='import { b } from "./entry.js";\nexport const a = 1;\n')
    with pytest.raises(ValueError, match=r"entry\.js: imports itself by way of a\.js"):
        joined_script(entry)
