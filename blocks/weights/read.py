"""Files of weights, read as data: ``.safetensors``, and what ``torch.save`` writes (``.pth``, ``.pt``). Code that a file names is never run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from blocks.knobs import KnobError

_SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
_MOST_BYTES = 8 * 2**30  # of a file
_WRAPPERS = ("state_dict", "model_state_dict", "model", "model_ema", "state_dict_ema", "net")  # under which training scripts keep the weights


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file by name, on the CPU, in the file's order. Raises :class:`KnobError` for a file that holds none or more than tensors."""
    path = Path(path).expanduser()
    if path.suffix not in _SUFFIXES:
        raise KnobError("weights", path.name, f"must end in {', '.join(_SUFFIXES)}", [f"{path.stem}.safetensors"])
    if not path.is_file():
        raise KnobError("weights", path.name, "there is no such file here")
    if (size := path.stat().st_size) > _MOST_BYTES:
        raise KnobError("weights", path.name, f"takes {size / 2**30:.1f} GiB; at most {_MOST_BYTES // 2**30} are read")
    held = _safetensors(path) if path.suffix == ".safetensors" else _saved(path)
    found = {name.removeprefix("module."): tensor for name, tensor in _unwrapped(held).items() if isinstance(tensor, Tensor)}
    if not found:
        raise KnobError("weights", path.name, "holds no named tensors")
    return found


def class_names(path: str | Path) -> tuple[str, ...]:
    """The classes that a file of weights tells in its metadata, as :func:`blocks.train.save_weights` writes them; () where it tells none."""
    path = Path(path).expanduser()
    if path.suffix != ".safetensors" or not path.is_file():
        return ()
    try:
        with safe_open(path, "pt") as held:
            told = json.loads((held.metadata() or {}).get("classes", "[]"))
    except (SafetensorError, ValueError):
        return ()
    return tuple(map(str, told)) if isinstance(told, list) else ()


def _safetensors(path: Path) -> Mapping[str, Any]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise KnobError("weights", path.name, f"is no whole safetensors file ({error})") from None


def _saved(path: Path) -> Mapping[str, Any]:
    """What ``torch.save`` wrote. torch's reader for weights alone takes tensors and plain containers, and refuses anything else before it is made."""
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged archive fails in as many ways as it has parts
        if type(error).__name__ != "UnpicklingError":
            raise KnobError("weights", path.name, f"cannot be read as weights ({type(error).__name__})") from None
        named = next((word for word in str(error).split() if "." in word and word.replace(".", "").replace("_", "").isalnum()), "")
        rest = f" ({named})" if named else ""
        raise KnobError("weights", path.name, f"names code to be run{rest}, or is damaged: only tensors are read; save the state_dict alone") from None
    if not isinstance(held, Mapping):
        raise KnobError("weights", path.name, f"holds a {type(held).__name__}; a dictionary of tensors is needed")
    return held


def _unwrapped(held: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in _WRAPPERS:
        if isinstance(inner := held.get(name), Mapping) and any(isinstance(v, Tensor) for v in inner.values()):
            return inner
    return held
