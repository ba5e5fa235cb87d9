"""A class from a Python file that the user named on the command line: opening one runs the file."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from torch import nn

from blocks.knobs import KnobError


def class_from_file(path: Path, name: str) -> Callable[..., nn.Module]:
    """The class (or function) ``name`` of the Python file at ``path``, which is run for it.

    Raises :class:`KnobError` where there is no such file, it cannot be imported, or it has no such class (the nearest are its modules).
    """
    if not path.is_file():
        raise KnobError("file", path.name, "is not a file")
    spec = importlib.util.spec_from_file_location(f"opened_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise KnobError("file", path.name, "is not a Python file")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # where inspect looks for a class's source
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise KnobError("file", path.name, f"cannot be imported ({type(error).__name__}: {error})") from None
    found: object = getattr(module, name, None)
    if not callable(found):
        has = [n for n, v in vars(module).items() if isinstance(v, type) and issubclass(v, nn.Module) and v.__module__ == module.__name__]
        raise KnobError("file", f"{path.name}:{name}", "has no such class", [f"{path.name}:{n}" for n in has])
    return found
