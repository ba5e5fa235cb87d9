"""Exported programs (``.pt2``), read as data: the graph and the sizes of its tensors, out of JSON inside the archive.

``torch.export.load`` unpickles and evaluates text, so that an untrusted file could run code. Nothing here does: no
pickle is opened, no expression evaluated, no weight read. The parameters have the right shapes and types and made-up values,
which is all that counting, drawing and timing need.
"""

from __future__ import annotations

import json
import operator
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.trace.recorder import current_recorder
from blocks.trace.rules import RULES

MAX_JSON, MAX_STEPS = 64 * 2**20, 20_000
MAX_VALUES = 3_000_000  # in the JSON; a real graph has some fifty a step
MAX_INTEGER = 2**63
_ATEN = re.compile(r"torch\.ops\.aten\.(\w+)\.(\w+)")
_PYTHON: dict[str, Callable[..., object]] = {
    f"_operator.{n}": getattr(operator, n) for n in ("getitem", "add", "sub", "mul", "floordiv", "mod", "truediv", "neg", "eq", "ne", "lt", "le", "gt", "ge")
}
_MAKERS = frozenset({
    "arange", "empty", "empty_strided", "eye", "full", "linspace", "logspace", "ones", "rand", "randint", "randn", "randperm", "scalar_tensor", "tril_indices",
    "triu_indices", "zeros",
})  # fmt: skip
_DTYPES = [
    None, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64, torch.complex32, torch.complex64, torch.complex128,
    torch.bool, torch.bfloat16,
]  # fmt: skip
_KEYWORD = 2


@dataclass(slots=True)
class ProgramStep:
    """One operation: what is called, with what (names of values are :class:`ValueName`), the names of its results, and the modules around it."""

    call: Callable[..., Any]
    args: list[object]
    kwargs: dict[str, object]
    results: list[str]
    stack: list[tuple[str, str]] = field(default_factory=list)


class ValueName(str):
    """The name of a value of the program."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ExportedProgram:
    """A program as read: its steps, its tensors by dotted name (name in the graph, shape, type, whether learned), inputs and outputs."""

    path: str
    steps: tuple[ProgramStep, ...]
    tensors: dict[str, tuple[str, tuple[int, ...], torch.dtype, bool]]
    inputs: tuple[tuple[str, tuple[int, ...], torch.dtype], ...]
    outputs: tuple[object, ...]


def read_program(path: Path) -> ExportedProgram:
    """Read ``path``. Raises :class:`KnobError` with the reason where it is no exported program, too large, or uses what is not torch's own."""
    try:
        with zipfile.ZipFile(path) as archive:
            module = json.loads(read_graph(archive, path))["graph_module"]
        return _program(path, module)
    except (OSError, zipfile.BadZipFile) as error:
        raise _unusable(path, translatable(f"cannot be opened as an exported program ({error})")) from None
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, KnobError):
            raise
        raise _unusable(
            path, translatable(f"is not laid out as torch {torch.__version__} writes exported programs ({type(error).__name__}: {error})")
        ) from None


def graph_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The archive's one member that is read; :class:`KnobError` where there is none, or more, or it is too large."""
    found = [i for i in archive.infolist() if re.fullmatch(r"[^/]+/models/[^/]+\.json", i.filename)]
    if len(found) != 1:
        raise _unusable(path, translatable(f"has {len(found)} models inside; one is needed"))
    if found[0].file_size > MAX_JSON:
        raise _unusable(path, translatable(f"its graph takes {found[0].file_size / 2**20:.0f} MiB; at most {MAX_JSON // 2**20} are read"))
    return found[0]


def read_graph(archive: zipfile.ZipFile, path: Path) -> bytes:
    """The text of the archive's graph: no more of it than the archive declares is unpacked. :class:`KnobError` where it is too large."""
    member = graph_member(archive, path)
    with archive.open(member) as packed:
        text = packed.read(member.file_size)
        packed.read(1)  # an archive that holds more than it declares ends here
    values = sum(map(text.count, (b",", b"[", b"{")))
    if values > MAX_VALUES:
        raise _unusable(path, translatable(f"its graph has {values} values; at most {MAX_VALUES} are read"))
    return text


def _unusable(path: Path, reason: str) -> KnobError:
    return KnobError("file", path.name, reason)


def _program(path: Path, module: dict[str, Any]) -> ExportedProgram:
    graph, signature = module["graph"], module["signature"]
    if len(graph["nodes"]) > MAX_STEPS:
        raise _unusable(path, translatable(f"has {len(graph['nodes'])} operations; at most {MAX_STEPS} are read"))
    shapes = {name: (_shape(meta["sizes"]), _DTYPES[meta["dtype"]] or torch.float32) for name, meta in graph["tensor_values"].items()}
    tensors: dict[str, tuple[str, tuple[int, ...], torch.dtype, bool]] = {}
    inputs = []
    for spec in signature["input_specs"]:
        ((kind, what),) = spec.items()
        if kind == "user_input":
            ((form, value),) = what["arg"].items()
            if form != "as_tensor":
                raise _unusable(path, translatable(f"takes an input that is no tensor ({form})"))
            inputs.append((value["name"], *shapes[value["name"]]))
        else:
            dotted = what.get("parameter_name") or what.get("buffer_name") or what.get("tensor_constant_name")
            if dotted is None:
                raise _unusable(path, translatable(f"takes an input of a kind that is not read ({kind})"))
            tensors[str(dotted)] = (what["arg"]["name"], *shapes[what["arg"]["name"]], kind == "parameter")
    outputs = [_value(o["user_output"]["arg"]) for o in signature["output_specs"] if "user_output" in o]
    steps = tuple(s for n in graph["nodes"] for s in _steps(path, n))
    if len(steps) > MAX_STEPS:
        raise _unusable(path, translatable(f"has {len(steps)} operations; at most {MAX_STEPS} are read"))
    return ExportedProgram(str(path), steps, tensors, tuple(inputs), tuple(outputs))


def _steps(path: Path, node: dict[str, Any]) -> Iterator[ProgramStep]:
    """The steps of a node: one, or those of the graph that it runs with another setting, such as without gradients."""
    inner = [i["arg"]["as_graph"]["graph"] for i in node["inputs"] if "as_graph" in i["arg"]]
    if not inner or "wrap_with_set_grad_enabled" not in node["target"]:
        yield _step(path, node)
        return
    begin = next(i for i, given in enumerate(node["inputs"]) if "as_graph" in given["arg"]) + 1
    operands = [_value(i["arg"]) for i in node["inputs"][begin:]]
    results = [name for output in node["outputs"] for name in _names(output)]
    own = results[0] if results else ""
    names: dict[object, object] = dict(zip((_value(i) for i in inner[0]["inputs"]), operands, strict=True))

    def renamed(value: object) -> Any:
        if isinstance(value, ValueName):
            return names.get(value, ValueName(f"{own}/{value}"))
        if isinstance(value, list):
            return [renamed(v) for v in value]
        return {k: renamed(v) for k, v in value.items()} if isinstance(value, dict) else value

    for step in (s for n in inner[0]["nodes"] for s in _steps(path, n)):
        yield ProgramStep(step.call, renamed(step.args), renamed(step.kwargs), [f"{own}/{r}" for r in step.results], step.stack)
    given = [renamed(_value(o)) for o in inner[0]["outputs"]]
    for name, value in zip(results, given, strict=True):
        yield ProgramStep(_same, [value], {}, [name], [])


def _same(value: object) -> object:
    return value


def _step(path: Path, node: dict[str, Any]) -> ProgramStep:
    target = node["target"]
    args = [_value(i["arg"]) for i in node["inputs"] if i.get("kind") != _KEYWORD]
    kwargs = {i["name"]: _value(i["arg"]) for i in node["inputs"] if i.get("kind") == _KEYWORD and i["name"] not in ("device", "pin_memory", "layout")}
    results = [name for output in node["outputs"] for name in _names(output)]
    return ProgramStep(_callable(path, target), args, kwargs, results, _stack(node.get("metadata", {}).get("nn_module_stack", "")))


def _callable(path: Path, target: str) -> Callable[..., object]:
    """The function that a target names: torch's own operations and plain arithmetic, nothing else."""
    if target in _PYTHON:
        return _PYTHON[target] if target == "_operator.getitem" else _arithmetic(path, _PYTHON[target])
    found = _ATEN.fullmatch(target)
    if found is None:
        raise _unusable(path, translatable(f"uses {target[:80]}, which is not an operation of torch's own"))
    name, overload = found.groups()
    if name == "sym_size":
        return lambda x, dim: x.shape[dim]
    for holder in (torch, F, Tensor):  # the usual spelling, where a rule knows it
        spelled: Any = getattr(holder, name, None)
        if spelled in RULES and name not in ("where", "unfold"):
            known: Callable[..., object] = spelled
            return known
    call: Callable[..., object] = getattr(getattr(torch.ops.aten, name), overload)
    if name not in _MAKERS and not any("Tensor" in str(a.type) for a in call._schema.arguments):  # type: ignore[attr-defined]
        raise _unusable(path, translatable(f"uses {target[:80]}, which is not an operation of torch's own on tensors"))  # from_file, say, opens files
    return call


def _arithmetic(path: Path, operation: Callable[..., object]) -> Callable[..., object]:
    """``operation`` on tensors and on numbers of a size's magnitude: a product of lists, a formatted text or a number of a million digits takes all memory or time."""

    def call(*args: object) -> object:
        result = None if any(isinstance(a, (str, bytes, list, tuple, dict)) for a in args) else operation(*args)
        if result is None or (isinstance(result, int) and abs(result) > MAX_INTEGER):
            raise _unusable(path, translatable("computes with something else than tensors and sizes"))
        return result

    return call


def _value(arg: dict[str, Any]) -> object:
    """A Python value out of its JSON; a :class:`ValueName` for a value of the program."""
    ((form, value),) = arg.items()
    if form in ("as_tensor", "as_sym_int", "as_sym_float", "as_sym_bool"):
        return ValueName(value["name"] if "name" in value else value["as_name"]) if "name" in value or "as_name" in value else next(iter(value.values()))
    if form in ("as_tensors", "as_sym_ints", "as_optional_tensors", "as_nested_tensors"):
        return [
            _value({"as_tensor": v} if "name" in v else v if len(v) == 1 and "as_name" not in v and "as_int" not in v else {"as_sym_int": v}) for v in value
        ]
    if form == "as_none":
        return None
    if form == "as_scalar_type":
        return _DTYPES[value]
    if form == "as_memory_format":
        return torch.contiguous_format
    if form == "as_float":
        return float(value)  # infinities are written as words
    if form == "as_floats":
        return [float(v) for v in value]
    if form in ("as_int", "as_ints", "as_bool", "as_bools", "as_string", "as_strings"):
        return value
    if form == "as_optional_tensor":
        return _value(value)
    raise ValueError(f"an argument of kind {form}")


def _names(output: dict[str, Any]) -> list[str]:
    ((form, value),) = output.items()
    if form == "as_none":
        return []
    return [v["name"] if "name" in v else v["as_name"] for v in (value if isinstance(value, list) else [value])]


def _shape(sizes: list[dict[str, Any]]) -> tuple[int, ...]:
    """Sizes; a symbolic one is what it was while the program was exported."""
    return tuple(int(s["as_int"]) if "as_int" in s else int((s["as_expr"].get("hint") or {"as_int": 1})["as_int"]) for s in sizes)


def _stack(text: str) -> list[tuple[str, str]]:
    """(path, class) of the modules around an operation, outermost first."""
    found = []
    for part in text.split(";"):
        pieces = part.split(",")
        if len(pieces) >= 3 and pieces[1]:
            found.append((re.sub(r"[^\w.]", "_", pieces[1]), re.sub(r"\W", "", pieces[-1].split(".")[-1]) or "Module"))
    return found


class Exported(nn.Module):
    """An :class:`ExportedProgram` as a module: it runs the steps, and names the original modules in a trace."""

    def __init__(self, program: ExportedProgram) -> None:
        super().__init__()
        self.program = program
        self._parts: dict[str, nn.Module] = {}
        for dotted, (_, shape, dtype, learned) in program.tensors.items():
            *path, name = dotted.split(".")
            owner = self._part(".".join(path))
            value = torch.zeros(shape, dtype=dtype) if not dtype.is_floating_point else torch.ones(shape, dtype=dtype)
            if learned:
                owner.register_parameter(name, nn.Parameter(value, requires_grad=dtype.is_floating_point))
            else:
                owner.register_buffer(name, value)

    def _part(self, path: str, cls: str = "Module") -> nn.Module:
        """The module at a dotted path, made where there is none."""
        if not path:
            return self
        if path not in self._parts:
            head, _, name = path.rpartition(".")
            made = type(cls, (nn.Module,), {})()
            self._part(head).add_module(name, made)
            self._parts[path] = made
        return self._parts[path]

    def forward(self, *inputs: Tensor) -> object:
        program = self.program
        values: dict[str, object] = {name: value for (name, *_), value in zip(program.inputs, inputs, strict=True)}
        for dotted, (name, *_) in program.tensors.items():
            path, _, last = dotted.rpartition(".")
            values[name] = getattr(self._part(path), last)
        place = _Place()
        for step in program.steps:
            place.move(self, step.stack)
            result = step.call(*_filled(step.args, values), **_filled(step.kwargs, values))
            if not step.results:  # a check
                continue
            if len(step.results) == 1:
                values[step.results[0]] = result[0] if isinstance(result, (tuple, list)) and not isinstance(result, Tensor) else result
            else:
                values.update(zip(step.results, result, strict=False))
        place.move(self, [])
        results = tuple(_filled(list(program.outputs), values))
        return results[0] if len(results) == 1 else results


class _Place:
    """Tells the tracer which of the original modules an operation belongs to; without a tracer it does nothing."""

    def __init__(self) -> None:
        self.tracer = current_recorder()
        self.open: list[tuple[tuple[str, str], int]] = []

    def move(self, root: Exported, stack: list[tuple[str, str]]) -> None:
        """Leave the modules that are not in ``stack`` and enter those that are."""
        if self.tracer is None:
            return
        while self.open and [at for at, _ in self.open] != stack[: len(self.open)]:
            self.tracer.scope = self.open.pop()[1]
        for path, cls in stack[len(self.open) :]:
            module = root._part(path)
            if type(module).__name__ == "Module":
                module.__class__ = type(cls, (nn.Module,), {})
            self.open.append(((path, cls), self.tracer.enter_module(path, module)))


def _filled(value: object, values: dict[str, object]) -> Any:
    if isinstance(value, ValueName):
        return values[value]
    if isinstance(value, list):
        return [_filled(v, values) for v in value]
    return {k: _filled(v, values) for k, v in value.items()} if isinstance(value, dict) else value
