"""Every model type of transformers as a small network: its own configuration with small sizes, and the inputs that its ``forward`` names."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

#: Sizes of a small network, by the names that configurations have for them.
_SMALL = {
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "embed_dim", "embedding_size", "hidden_dim", "word_embed_proj_dim", "projection_dim", "decoder_hidden_size"), 64),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads", "decoder_attention_heads"), 4),
    **dict.fromkeys(("num_key_value_heads", "n_head_kv", "num_kv_heads"), 2),
    **dict.fromkeys(("head_dim", "d_kv", "attention_head_size"), 16),
    **dict.fromkeys(("intermediate_size", "d_ff", "ffn_dim", "encoder_ffn_dim", "decoder_ffn_dim", "moe_intermediate_size", "n_inner", "d_inner", "decoder_intermediate_size"), 96),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers", "decoder_layers", "decoder_num_layers", "num_decoder_layers", "decoder_num_hidden_layers"), 2),
    **dict.fromkeys(("num_experts", "n_routed_experts", "num_local_experts"), 4),
    **dict.fromkeys(("num_experts_per_tok", "top_k"), 2),
    "vocab_size": 160,
}  # fmt: skip
#: Layers alone: for configurations whose widths hang together.
_SHALLOW = {name: size for name, size in _SMALL.items() if size == 2 and "layer" in name}
_TOKENS, _BATCH = 7, 2


def model_types() -> list[str]:
    """The model types that ``AutoModel`` knows."""
    return sorted(importlib.import_module("transformers.models.auto.modeling_auto").MODEL_MAPPING_NAMES)


def small_model(name: str) -> Iterator[tuple[nn.Module, dict[str, object]]]:
    """The network in two sizes, each with several sets of inputs; a size that cannot be built is left out, unless none can."""
    library = importlib.import_module("transformers")
    fault: Exception | None = None
    built = False
    for sizes in (_SMALL, _SHALLOW):
        try:
            config = library.CONFIG_MAPPING[name]()
            _shrink(config, sizes, set())
            torch.manual_seed(0)
            network = library.AutoModel.from_config(config)
        except Exception as error:  # whatever a third-party constructor raises at sizes that do not fit together
            fault = fault or error
            continue
        built = True
        for inputs in _inputs(network, config):
            yield network, inputs
    if fault is not None and not built:
        raise fault


def _shrink(config: object, sizes: Mapping[str, int], seen: set[int]) -> None:
    """Set the sizes that a configuration has, and those of the configurations in it."""
    if id(config) in seen:
        return
    seen.add(id(config))
    for key, value in list(vars(config).items()):
        if hasattr(value, "to_dict"):
            _shrink(value, sizes, seen)
        elif type(value) is int and key in sizes and value > sizes[key]:
            setattr(config, key, sizes[key])
        elif "vocab_size" in sizes and type(value) is int and key.endswith("token_id") and value >= sizes["vocab_size"]:
            setattr(config, key, 3)
        elif key == "layer_types" and isinstance(value, list) and len(value) > 2:
            setattr(config, key, value[:2])


def _side(config: object) -> int:
    """The side of the pictures that a configuration asks for."""
    for part in (config, getattr(config, "vision_config", None), getattr(config, "backbone_config", None)):
        size = getattr(part, "image_size", None)
        if size is not None:
            return int(size[0] if isinstance(size, (list, tuple)) else size)
    return 224


def _inputs(network: nn.Module, config: object) -> Iterator[dict[str, object]]:
    """What ``forward`` may be called with: the richest first."""
    names = set(inspect.signature(network.forward).parameters)
    text = getattr(config, "text_config", config)
    channels = getattr(getattr(config, "vision_config", config), "num_channels", 3)
    side, bins = _side(config), getattr(config, "num_mel_bins", None) or getattr(config, "feature_size", 80)
    ids = torch.randint(4, 100, (_BATCH, _TOKENS))
    known: dict[str, Any] = {
        "input_ids": ids,
        "pixel_values": torch.rand(_BATCH, channels if isinstance(channels, int) else 3, side, side),
        "input_values": torch.rand(_BATCH, 16000) if "spectrogram" not in type(config).__name__.lower() else torch.rand(_BATCH, 1024, 128),
        "input_features": torch.rand(_BATCH, bins if isinstance(bins, int) else 80, 3000),
    }
    main = [name for name in known if name in names]
    ways = [main] if len(main) == 1 else [main, *([name] for name in main)]
    for way in ways:
        inputs = {name: known[name] for name in way}
        if not inputs:
            continue
        if "input_ids" in inputs and "attention_mask" in names:
            yield {**inputs, "attention_mask": torch.ones_like(ids), **_decoder(names, ids)}
        yield {**inputs, **_decoder(names, ids)}
        if "pixel_values" in inputs:
            yield {**inputs, "pixel_values": torch.rand(1, 3, 224, 224)}
            yield {**inputs, "pixel_values": torch.rand(1, 8, 3, 224, 224)}  # a video
        if "input_features" in inputs:
            yield {**inputs, "input_features": torch.rand(_BATCH, 200, known["input_features"].shape[1])}
    del text


def _decoder(names: set[str], ids: torch.Tensor) -> dict[str, object]:
    return {"decoder_input_ids": ids[:, :5]} if "decoder_input_ids" in names else {}
