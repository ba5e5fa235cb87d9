"""The line of the user's code is named, not one of torch's or of the trace."""

from __future__ import annotations

import functools
from pathlib import Path

import torch

from blocks.trace.asked import inside, users_line


def test_the_innermost_line_outside_of_torch_and_the_trace() -> None:
    said = users_line()
    assert said.startswith("test_asked.py, line ")
    assert said.endswith(": said = users_line()")


def test_torchs_own_frames_are_passed_over() -> None:
    said = functools.reduce(lambda _, f: f(), [lambda: torch.utils._pytree.tree_map(lambda _: users_line(), [0])], "")
    assert said[0].startswith("test_asked.py, line ")


def test_a_library_whose_name_begins_with_torch_is_not_torch() -> None:
    file = f"{Path(torch.__file__).parent}vision/ops.py"
    said: dict[str, str] = {}
    exec(compile("said['line'] = users_line()", file, "exec"), {"users_line": users_line, "said": said})
    assert said["line"] == "ops.py, line 1"


def test_which_of_torchs_rooms_asked() -> None:
    assert not inside("distributions")
