"""Networks from outside the catalog, under addresses that the rest of the program takes as names.

``timm:NAME`` and ``torchvision:NAME`` wherever those packages are installed; ``file:KEY`` for what was named on the command
line when the program was started, as ``net.py:Class`` or ``net.pt2``. A file is never opened because a browser asks: an
address that was not announced by :func:`announce` is refused. ``dropped:KEY`` for exported programs that a user handed over
(:mod:`blocks.catalog.dropped`). Nothing is downloaded: the weights are untrained.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from blocks.catalog.class_from_file import class_from_file
from blocks.catalog.constructor_knobs import signature_of
from blocks.catalog.dropped import dropped_path
from blocks.catalog.entries import Entry, Family
from blocks.catalog.exported_program import Exported, read_program
from blocks.catalog.registry import resolver
from blocks.knobs import KnobError, nearest_names

#: Child processes (the measuring workers) know what was announced by this variable; a browser cannot set it.
_VARIABLE = "EXPLORER_OPENED"
_SHAPE = (1, 3, 224, 224)
_INSTALL = {"timm": "pip install timm", "torchvision": "pip install torchvision"}
_FAMILY = Family("opened", "Opened from outside", "A network that is not in the catalog.", (), ())


def announce(arguments: Iterable[str]) -> list[str]:
    """Make files openable that the command line names (``net.py:Class``, ``net.py:Class@1,3,64,64``, ``net.pt2``); returns their addresses.

    Raises :class:`KnobError` for one that is neither or does not exist.
    """
    known = announced()
    made = []
    for text in arguments:
        where, _, shape = text.partition("@")
        path = Path(re.sub(r":\w+$", "", where)).expanduser().resolve()
        cls = where.rpartition(":")[2] if re.search(r"\.py:\w+$", where) else ""
        if not cls and path.suffix != ".pt2":
            raise KnobError("file", text, "must be net.py:ClassName or net.pt2", ["net.py:Net"])
        if not path.is_file():
            raise KnobError("file", text, f"there is no file {path.name} here")
        key = cls or path.stem
        while key in known and known[key][0] != str(path):
            key += "_"
        known[key] = (str(path), cls, shape)
        made.append(f"file:{key}")
    os.environ[_VARIABLE] = json.dumps(known)
    return made


def announced() -> dict[str, tuple[str, str, str]]:
    """(path, class, input shape) of every announced file, by key."""
    return {key: (path, cls, shape) for key, (path, cls, shape) in json.loads(os.environ.get(_VARIABLE) or "{}").items()}


def addresses() -> list[str]:
    """The addresses of the announced files."""
    return [f"file:{key}" for key in announced()]


@resolver
def opened_entry(address: str) -> Entry:
    """The entry of an address such as ``timm:resnet18``. Raises :class:`KnobError` where it cannot be opened, saying why."""
    scheme, _, name = address.partition(":")
    if scheme in _INSTALL:
        return _from_package(scheme, name)
    if scheme == "file":
        if name not in announced():
            raise KnobError("name", address, "is not a file that was named when the program was started", addresses())
        return _from_file(address, *announced()[name])
    if scheme == "dropped":
        return _from_file(address, str(dropped_path(address)), "", "")
    raise KnobError("name", address, "must begin with timm:, torchvision: or file:", ["timm:resnet18", "torchvision:resnet18"])


@cache
def _from_package(package: str, name: str) -> Entry:
    try:
        module = importlib.import_module(package if package == "timm" else "torchvision.models")
    except ImportError:
        raise KnobError("name", f"{package}:{name}", f"{package} is not installed here; {_INSTALL[package]} installs it") from None
    names = list(module.list_models())  # a name of the package itself: an address of a hub, which would download, is none
    if name not in names:
        raise KnobError("name", f"{package}:{name}", f"{package} has no network of this name", [f"{package}:{n}" for n in nearest_names(name, names)])
    if package == "timm":
        size = (module.get_pretrained_cfg(name) or None) if hasattr(module, "get_pretrained_cfg") else None
        shape = (1, *getattr(size, "input_size", _SHAPE[1:]))
        return _entry(f"timm:{name}", lambda: module.create_model(name, pretrained=False), shape, f"{name} of timm, untrained.")
    return _entry(f"torchvision:{name}", lambda: _torchvision(module, name), _torchvision_shape(module, name), f"{name} of torchvision, untrained.")


def _torchvision(module: ModuleType, name: str) -> nn.Module:
    backbone = "weights_backbone" in inspect.signature(module.get_model_builder(name)).parameters
    net: nn.Module = module.get_model(name, weights=None, **({"weights_backbone": None} if backbone else {}))
    return net


def _torchvision_shape(module: ModuleType, name: str) -> tuple[int, ...]:
    """The input that the published weights were tested on, as their preprocessing says: a picture, or frames of one."""
    if not hasattr(module, "get_model_weights"):
        return _SHAPE
    known = [(w, getattr(w.transforms, "keywords", {})) for w in module.get_model_weights(name)]
    sides = [side if isinstance(side, int) else max(side) for _, said in known if (side := said.get("crop_size", said.get("resize_size")))]
    if not sides:
        return _SHAPE
    first = getattr(known[0][0].transforms, "func", None)
    frames = (max(16, known[0][0].meta.get("min_temporal_size", 0)),) if getattr(first, "__name__", "") == "VideoClassification" else ()
    return (1, 3, *frames, min(sides), min(sides))  # the smallest: larger ones go with a network that was built for them


@cache
def _from_file(address: str, path: str, cls: str, shape: str) -> Entry:
    if not cls:
        program = read_program(Path(path))
        if len(program.inputs) != 1:
            raise KnobError("file", Path(path).name, f"takes {len(program.inputs)} inputs; one is shown here")
        return _entry(address, lambda: Exported(program), program.inputs[0][1], f"Exported program {Path(path).name}.")
    make = class_from_file(Path(path), cls)
    sizes = tuple(int(s) for s in shape.split(",")) if shape else tuple(getattr(make, "input_shape", _SHAPE))
    return _entry(address, make, sizes, (inspect.getdoc(make) or f"{cls} of {Path(path).name}.").split("\n\n")[0], turned=True)


def _entry(address: str, make: Callable[..., object], shape: tuple[int, ...], summary: str, turned: bool = False) -> Entry:
    """The entry of what ``make`` gives; with ``turned`` its arguments with defaults are knobs."""

    def build(_cls: type, **given: object) -> nn.Module:
        try:
            net = make(**given)
        except KnobError:
            raise
        except TypeError as error:
            raise KnobError("file", address, f"cannot be built without arguments ({error}); give its constructor defaults") from None
        if not isinstance(net, nn.Module):
            raise KnobError("file", address, f"makes a {type(net).__name__}, not a torch.nn.Module")
        return net

    def takes(self: object, **given: object) -> None:
        """Declares the knobs as a constructor signature."""

    vars(takes)["__signature__"], takes.__annotations__ = signature_of(make) if turned else (inspect.Signature([_SELF]), {})
    # Calling this class gives the network, not an object of the class.
    cls: Any = type("Opened", (), {"__new__": build, "__init__": takes, "__doc__": summary, "opened": make if isinstance(make, type) else None})
    return Entry(address, "model", cls, _FAMILY, summary, _FAMILY.papers, tuple(shape), {}, "", address)


_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
