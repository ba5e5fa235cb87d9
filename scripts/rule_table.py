"""The table of counting rules in ``docs/rules.md``: each rule is called with symbols for sizes, and what it says is printed.

python -m scripts.rule_table            print the page
python -m scripts.rule_table --write    write it
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from blocks.formulas.polynomial import Normaliser, to_sympy
from blocks.trace.errors import NoRule
from blocks.trace.graph import OPERATION_KINDS
from blocks.trace.proxy import Proxy
from blocks.trace.rules import RULES, Out, Rule
from blocks.trace.rules.lowered import stated
from blocks.trace.rules.registry import product
from blocks.trace.symbolic import quotient, symbol, term_of

RULES_PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
#: The letters of the table, with sizes for which every rule holds.
_SIZES = {"B": 2, "C": 12, "D": 8, "H": 16, "W": 20, "T": 24, "k": 3, "g": 4, "r": 2, "N": 30, "M": 7, "K": 5, "E": 18, "P": 9, "Q": 11}
_INTRODUCTION = """# Counting rules

What every operation counts, whichever way a network comes in: from the catalog, as a module, scripted, or as an exported program. **MACs** are the multiply-accumulates of
convolutions and products, attention's two included. The operation's **FLOPs** are 2·MACs and what stands in the third column: every other arithmetic operation, where
exp, log, roots, powers, sines, divisions and comparisons count as one each. Bytes are inputs and weights read and outputs written once; a view moves nothing.

Complex numbers take 8 or 16 bytes, and count the real operations that they take: a multiply-accumulate is 4 real ones, 2 where one operand is real. torch's
`FlopCounterMode` counts a complex product as a real one, so for such networks it shows a quarter of ours. Of a
complex convolution torch makes three real ones, of sums of real and imaginary parts; it counts as the four products that it stands for.

An operation without a rule is reported as *not counted*, never as zero; `@rule("my::op")` prices an operator of your own. Algorithms that iterate until they converge
(singular values, eigenvalues, matrix exponentials) have no fixed cost and are not counted.

This page is written by `python -m scripts.rule_table --write`, which calls each rule with letters for sizes: B pictures or sequences, C channels, D output channels, H×W
positions (T×H×W in volumes), k a kernel's side, g groups,
N elements; kernels are square, stride is 1 and outputs are as large as inputs, resampled ones P×Q. An empty last column: nothing is said of complex numbers, which are then not counted.
"""
_HEAD = "| operation | on | MACs | other FLOPs | of complex numbers |\n|---|---|---|---|---|"


def _tensor(sizes: str, dtype: torch.dtype) -> Proxy:
    """A tensor of the sizes named by letters: "BCHW"; "C/g" is a quotient."""
    parts = sizes.split()
    return Proxy([quotient(_size(p[0]), _size(p[2])) if "/" in p else _size(p) for p in parts], dtype)


def _size(letter: str) -> Any:
    return int(letter) if letter.isdigit() else symbol(letter, _SIZES[letter]) if len(letter) == 1 else _times(letter)


def _times(letters: str) -> object:
    return product([_size(c) for c in letters])


_SPATIAL = {1: "W", 2: "H W", 3: "T H W"}
Arguments = tuple[Sequence[str], Sequence[Any], dict[str, Any]]


def _of(*tensors: str, then: Sequence[object] = (), **settings: object) -> Arguments:
    """Tensors by their sizes, then other arguments."""
    return tensors, then, settings


def _calls() -> dict[str, Arguments]:
    """How the table calls each operation that takes more than one or two tensors of N elements."""
    calls: dict[str, Arguments] = {}
    border = quotient(_size("k") - 1, 2)
    for rank, places in _SPATIAL.items():
        kernel = " ".join("k" * rank)
        x = f"B C {places}"
        calls |= {
            f"conv{rank}d": _of(x, f"D C/g {kernel}", "D", then=(1, "same", 1, _size("g"))), f"conv_transpose{rank}d": _of(x, f"C D/g {kernel}", "D", then=(1, border, 0, _size("g"))),
            f"max_pool{rank}d": _of(x, then=(_size("k"), 1, border)), f"avg_pool{rank}d": _of(x, then=(_size("k"), 1, border)),
            f"adaptive_avg_pool{rank}d": _of(x, then=(1,)), f"adaptive_max_pool{rank}d": _of(x, then=(1,)),
        }  # fmt: skip
    picture = "B C H W"
    calls |= dict.fromkeys(
        (
            "sum",
            "mean",
            "prod",
            "amax",
            "amin",
            "var",
            "std",
            "logsumexp",
            "any",
            "all",
            "argmax",
            "argmin",
            "cumsum",
            "cumprod",
            "nansum",
            "count_nonzero",
            "logcumsumexp",
        ),
        _of("N M", then=(1,)),
    )
    calls |= {
        "norm": _of("N M", then=(2, 1)), "linalg_vector_norm": _of("N M", then=(2, 1)), "trace": _of("N N"), "pairwise_distance": _of("N M", "N M"),
        "cosine_similarity": _of("N M", "N M"), "clamp": _of("N", then=(0, 1)), "clamp_min": _of("N", then=(0,)), "clamp_max": _of("N", then=(1,)),
        "glu": _of("N M", then=(0,)), "outer": _of("N", "M"), "where": _of("N", "N", "N"), "masked_fill": _of("N", "N", then=(0.0,)), "lerp": _of("N", "N", "N"),
        "addcmul": _of("N", "N", "N"), "addcdiv": _of("N", "N", "N"), "softmax": _of("N M", then=(1,)), "prelu": _of("B C", "C"), "dropout": _of("N", then=(0.5, True)),
        "dropout1d": _of("B C N", then=(0.5, True)), "linear": _of("N C", "D C", "D"), "matmul": _of("B N K", "B K M"), "addmm": _of("M", "N K", "K M"),
        "scaled_dot_product_attention": _of("B H P E", "B H Q E", "B H Q D"), "batch_norm": _of(picture, "C", "C", "C", "C"), "layer_norm": _of("N C", then=((_size("C"),),), weight="C"),
        "group_norm": _of(picture, then=(_size("g"),), weight="C"), "instance_norm": _of(picture, weight="C"), "rms_norm": _of("N C", then=((_size("C"),),), weight="C"),
        "local_response_norm": _of(picture, then=(_size("k"),)), "normalize": _of("N C"),
        "pixel_shuffle": _of(picture, then=(2,)), "pixel_unshuffle": _of(picture, then=(2,)), "unfold": _of(picture, then=(_size("k"), 1, 1)), "view": _of("N M", then=(-1,)),
        "view_as": _of("N M", "M N"), "flatten": _of("N M"), "permute": _of("N M", then=((1, 0),)), "transpose": _of("N M", then=(0, 1)), "t": _of("N M"), "movedim": _of("N M", then=(0, 1)),
        "roll": _of("N M", then=(1, 0)), "rot90": _of("N M"), "tril": _of("N M"), "triu": _of("N M"), "unflatten": _of("C N", then=(0, (2, -1))), "squeeze": _of("1 N", then=(0,)), "unsqueeze": _of("N", then=(0,)),
        "expand": _of("1 N", then=(5, -1)), "expand_as": _of("1 N", "M N"), "repeat": _of("N", then=(2,)), "to": _of("N", then=(torch.float16,)), "cat": _of("[N", "M"), "stack": _of("[N", "N"),
        "chunk": _of("C N", then=(2,)), "split": _of("C N", then=(6,)), "unbind": _of("M N"), "narrow": _of("N M", then=(0, 1, 2)), "select": _of("N M", then=(0, 1)),
        "__getitem__": _of("N M", then=(1,)), "__setitem__": _of("N", then=(0, 1.0)), "gather": _of("N M", then=(0,), index="N M"), "index_select": _of("N M", then=(0,), index="K"),
        "embedding": _of("N", "C D"), "pad": _of(picture, then=((1, 1),)),
    }  # fmt: skip
    for mode, places in {"nearest": "P Q", "linear": "P", "bilinear": "P Q", "bicubic": "P Q", "trilinear": "P Q E", "area": "P Q"}.items():
        calls[f"interpolate ({mode})"] = _of(f"B C {_SPATIAL[len(places.split())]}", then=(tuple(map(_size, places.split())), None, mode))
    for name, gates in {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}.items():
        calls[name] = calls[f"{name}_cell"] = (("recurrent",), (gates,), {})
    return calls


def _recurrent(name: str, gates: int, dtype: torch.dtype) -> list[object]:
    """Arguments of a layer or cell of D units on sequences of T steps of C features."""
    d = _size("D")
    weights = [Proxy((gates * d, _size("C")), dtype), Proxy((gates * d, d), dtype), Proxy((gates * d,), dtype), Proxy((gates * d,), dtype)]
    states = [_tensor("B D", dtype)] * (2 if "lstm" in name else 1)
    state = tuple(states) if len(states) == 2 else states[0]
    if name.endswith("cell"):
        return [_tensor("B C", dtype), state, *weights]
    return [_tensor("T B C", dtype), state, weights, True, 1, 0.0, False, False, False]


def rule_called(name: str, rule: Rule, dtype: torch.dtype = torch.float32) -> tuple[str, Out]:
    """(sizes, what the rule says) of one operation; NoRule where it has none for numbers of this type."""
    calls = _calls()
    if name not in calls:
        try:
            return "N", rule.func(_tensor("N", dtype))
        except TypeError:
            return "N, N", rule.func(_tensor("N", dtype), _tensor("N", dtype))
    tensors, then, settings = calls[name]
    if tensors == ("recurrent",):
        return ("B×C" if name.endswith("cell") else "T×B×C") + ", D units", rule.func(*_recurrent(name, then[0], dtype))
    first = {"where": torch.bool, "embedding": torch.int64}.get(name, dtype)
    made: list[object] = [_tensor(sizes.lstrip("["), dtype if i else first) for i, sizes in enumerate(tensors)]
    if tensors[0].startswith("["):
        made = [made]
    named = {k: _tensor(v, dtype) if k in ("weight", "index") else v for k, v in settings.items()}
    return ", ".join(sizes.lstrip("[").replace(" ", "×") for sizes in tensors), rule.func(*made, *then, **named)


def formula_text(value: object) -> str:
    """A number of operations as it is usually written."""
    text = str(to_sympy(Normaliser()(term_of(value)), {}))
    return text.replace("**2", "²").replace("**3", "³").replace("*", "·") if text != "0" else "0"


def _costs(out: Out) -> tuple[str, str]:
    first = out.shape[0] if type(out.shape) is list else out.shape
    return formula_text(out.macs), formula_text(out.flops + out.unit * product(first))


def _row(name: str, rule: Rule) -> tuple[str, ...]:
    """What the table says of one operation, without its name."""
    sizes, out = rule_called(name, rule)
    macs, flops = _costs(out)
    if (macs, flops) == ("0", "0"):
        return "", "0", "0, a view" if out.view else "0", ""
    try:
        other_macs, other = _costs(rule_called(name, rule, torch.complex64)[1])
    except NoRule:
        return sizes, macs, flops, ""
    told = " + ".join(part for part in (f"MACs {other_macs}" * (other_macs != macs), other * (other != flops)) if part)
    return sizes, macs, flops, told


def priced_operations() -> dict[str, Rule]:
    """The rule of each operation, by its name; resampling by its mode."""
    found: dict[str, Rule] = {}
    for rule in RULES.values():
        found.setdefault(rule.op, RULES.get(getattr(F, rule.op, None), rule))
    interpolation = found.pop("interpolate")
    return found | {name: interpolation for name in _calls() if name.startswith("interpolate")}


def rules_page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    known = priced_operations()
    for kind in OPERATION_KINDS:
        rows: dict[tuple[str, ...], list[str]] = {}
        for name in [n for n, rule in known.items() if rule.kind == kind]:
            rows.setdefault(_row(name, known[name]), []).append(f"`{name}`")
        if rows:
            parts.append(
                f"## {kind.capitalize()}\n\n{_HEAD}\n" + "\n".join(f"| {', '.join(names)} | {' | '.join(row)} |" for row, names in rows.items()) + "\n"
            )
    below: dict[str, list[str]] = {}
    for name, words in stated().items():
        below.setdefault(words, []).append(f"`{name}`")
    lines = "\n".join(f"| {', '.join(names)} | {words} |" for words, names in below.items())
    parts.append(
        f"## Without a Python function of their own\n\nPriced by their names below Python; N elements of the output, M of the first input.\n\n| operation | FLOPs |\n|---|---|\n{lines}\n"
    )
    return "\n".join(parts)


def main(arguments: Sequence[str]) -> int:
    """Print the page, or write it."""
    if "--write" in arguments:
        RULES_PAGE.write_text(rules_page())
    else:
        print(rules_page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
