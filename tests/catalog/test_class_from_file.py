"""A class from a file: found, or refused with the reason and the classes there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocks.catalog.class_from_file import class_from_file
from blocks.knobs import KnobError

SOURCE = "from torch import nn\n\n\nclass Net(nn.Module):\n    pass\n\n\nsize = 3\n"


def test_the_class_is_the_files_own(tmp_path: Path) -> None:
    file = tmp_path / "own_net.py"
    file.write_text(SOURCE)
    found = class_from_file(file, "Net")
    assert (found.__name__, found.__module__) == ("Net", "opened_own_net")


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        (None, "Net", "broken.py'.*is not a file"),
        ("import nothing_of_this_name", "Net", "cannot be imported .ModuleNotFoundError"),
        (SOURCE, "Nett", "has no such class. Nearest: broken.py:Net"),
        (SOURCE, "size", "has no such class"),
    ],
)
def test_what_is_no_class_is_refused(tmp_path: Path, text: str | None, name: str, sentence: str) -> None:
    file = tmp_path / "broken.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(KnobError, match=sentence):
        class_from_file(file, name)
