"""Trained weights as safetensors, and checkpoints that a run goes on from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import save_file

from blocks.knobs import KnobError
from blocks.train.run import TrainingRun


def save_weights(run: TrainingRun, path: str | Path) -> Path:
    """Write the network's weights, with its name, knobs and classes in the file's metadata; ``architecture-explorer weights NAME --check FILE`` reads them.

    Raises :class:`KnobError` for a name that does not end in .safetensors, and where the file cannot be written.
    """
    path = _checked(path, ".safetensors")
    told = {"network": run.name, "knobs": json.dumps(run.knobs), "classes": json.dumps(run.samples.classes), "recipe": json.dumps(asdict(run.recipe))}
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in run.network.state_dict().items()}
    try:
        save_file(tensors, path, told)
    except OSError as error:
        why = error.strerror or str(error)
        raise KnobError("save", str(path), f"cannot be written ({why})") from None
    return path


def save_checkpoint(run: TrainingRun, path: str | Path) -> Path:
    """Write everything that the rest of the run depends on."""
    path = _checked(path, ".pt")
    kept = {"about": _about(run), "state": run.state()}
    try:
        torch.save(kept, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)  # a run that is stopped while it writes leaves the last one whole
    except (OSError, RuntimeError) as error:
        why = str(error).splitlines()[0]
        raise KnobError("checkpoint", str(path), f"cannot be written ({why})") from None
    return path


def read_checkpoint(run: TrainingRun, path: str | Path) -> None:
    """Let ``run`` go on from a checkpoint. Raises :class:`KnobError` for one of another network, data or recipe; code in a file is never run."""
    path = _checked(path, ".pt")
    try:
        kept = torch.load(path, map_location=run.recipe.device, weights_only=True)
    except Exception as error:  # a damaged archive fails in as many ways as it has parts
        kind = type(error).__name__
        raise KnobError("resume", path.name, f"is no checkpoint that can be read ({kind})") from None
    if not isinstance(kept, dict) or kept.get("about") != _about(run):
        raise KnobError("resume", path.name, "was made by another network, data or recipe")
    state = kept["state"]
    state["random"] = state["random"].cpu()
    run.resume(state)


def _about(run: TrainingRun) -> str:
    recipe = {name: value for name, value in asdict(run.recipe).items() if name != "device"}
    return json.dumps([run.name, run.knobs, run.samples.name, len(run.samples.labels), recipe], sort_keys=True)


def _checked(path: str | Path, suffix: str) -> Path:
    path = Path(path).expanduser()
    if path.suffix != suffix:
        raise KnobError("file", path.name, f"must end in {suffix}", [f"{path.stem}{suffix}"])
    return path
