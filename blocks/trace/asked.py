"""Which line of the user's code asked for something, told from Python's stack."""

from __future__ import annotations

import linecache
import os
import sys
from pathlib import Path
from types import FrameType

import torch

_TORCH = str(Path(torch.__file__).parent) + os.sep  # torchvision, say, begins with the same letters
_HERE = str(Path(__file__).parent)
_ENTRANCE = str(Path(__file__).parents[1] / "analysis.py")


def users_line() -> str:
    """ "model.py, line 12: if x.sum() > 0:" of the innermost frame that is neither torch's nor the trace's; "" where there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if name == _ENTRANCE:  # torch's own code asked, called by nobody's module
            return ""
        if not name.startswith((_TORCH, _HERE, "<")):
            code = linecache.getline(name, frame.f_lineno).strip()
            return f"{Path(name).name}, line {frame.f_lineno}" + (f": {code[:120]}" if code else "")
        frame = frame.f_back
    return ""


def inside(module: str) -> bool:
    """Whether the innermost frame outside the trace and torch's own tensors is of a module of torch, such as "distributions"."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(str(Path(_TORCH) / module))
