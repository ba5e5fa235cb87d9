"""Exported programs as data: values out of their JSON, and a program whose weights and original modules come back."""

from __future__ import annotations

import json
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.catalog import exported_program
from blocks.catalog.exported_program import Exported, ValueName, read_program
from blocks.knobs import KnobError


@pytest.mark.parametrize(
    ("arg", "value"),
    [
        ({"as_tensor": {"name": "x"}}, ValueName("x")),
        ({"as_sym_int": {"as_name": "s0"}}, ValueName("s0")),
        ({"as_sym_int": {"as_int": 7}}, 7),
        ({"as_tensors": [{"name": "a"}, {"name": "b"}]}, [ValueName("a"), ValueName("b")]),
        ({"as_optional_tensors": [{"as_tensor": {"name": "a"}}, {"as_none": True}]}, [ValueName("a"), None]),
        ({"as_sym_ints": [{"as_int": 2}, {"as_name": "s1"}]}, [2, ValueName("s1")]),
        ({"as_none": True}, None),
        ({"as_scalar_type": 7}, torch.float32),
        ({"as_ints": [1, 2]}, [1, 2]),
    ],
)
def test_a_value_out_of_its_json(arg: dict[str, Any], value: Any) -> None:
    found = exported_program._value(arg)
    assert found == value
    assert isinstance(found, ValueName) == isinstance(value, ValueName)


def test_an_argument_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="an argument of kind as_graph"):
        exported_program._value({"as_graph": {}})


def test_a_symbolic_size_is_what_it_was_while_exported() -> None:
    assert exported_program._shape([{"as_int": 3}, {"as_expr": {"hint": {"as_int": 5}}}, {"as_expr": {}}]) == (3, 5, 1)


def test_the_modules_around_an_operation_have_plain_names() -> None:
    text = "L__self__,,my.Net;L__self___stage,stage.0,torch.nn.modules.container.Sequential;odd,a[0],x.Evil<b>"
    assert exported_program._stack(text) == [("stage.0", "Sequential"), ("a_0_", "Evilb")]


class Tied(nn.Module):
    """A layer applied twice, so that its weight has one place and two uses."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.register_buffer("shift", torch.zeros(4, dtype=torch.int64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(self.layer(x)) + self.shift


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "tied.pt2"
    torch.export.save(torch.export.export(Tied().eval(), (torch.zeros(2, 4),)), path)
    return path


def test_parameters_and_buffers_have_their_places_shapes_and_types(program: Path) -> None:
    net = Exported(read_program(program))
    assert {name: tuple(p.shape) for name, p in net.named_parameters()} == {"layer.weight": (4, 4), "layer.bias": (4,)}
    assert {name: b.dtype for name, b in net.named_buffers()} == {"shift": torch.int64}
    a = analyse(net, (2, 4))
    assert (a.params, a.macs) == (20, 2 * 2 * 16)


def test_weights_that_are_put_back_give_the_networks_own_outputs(program: Path) -> None:
    net, copy = Tied(), Exported(read_program(program))
    copy.load_state_dict(net.state_dict())
    x = torch.randn(2, 4)
    torch.testing.assert_close(copy(x), net(x))


def test_a_graph_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported_program, "MAX_JSON", 2**20)
    path = tmp_path / "large.pt2"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large/models/model.json", b" " * (3 * 2**20))
    with pytest.raises(KnobError, match="its graph takes 3 MiB; at most 1 are read"):
        read_program(path)


def archive(path: Path, text: bytes | str) -> Path:
    """An exported program's archive with this graph."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("odd/models/model.json", text)
    return path


def test_a_graph_of_too_many_values_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported_program.json, "loads", lambda _: pytest.fail("decoded"))
    with pytest.raises(KnobError, match="its graph has 4000000 values; at most 3000000 are read"):
        read_program(archive(tmp_path / "values.pt2", b"[]," * 2_000_000))


def test_an_archive_that_holds_more_than_it_declares_unpacks_no_more(tmp_path: Path) -> None:
    path = archive(tmp_path / "lie.pt2", b" " * (256 * 2**20))
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.rfind(b"PK\x01\x02") + 24, 1000)  # the size, unpacked
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(KnobError, match="cannot be opened as an exported program"):
        read_program(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


def computed(first: dict[str, Any], operation: str, second: dict[str, Any]) -> str:
    """A program with one step of arithmetic, and its input as its output."""
    x = {"as_tensor": {"name": "x"}}
    step = {
        "target": operation,
        "inputs": [{"name": "a", "arg": first, "kind": 1}, {"name": "b", "arg": second, "kind": 1}],
        "outputs": [{"as_sym_int": {"as_name": "y"}}],
    }
    graph = {"nodes": [step], "tensor_values": {"x": {"sizes": [{"as_int": 3}], "dtype": 7}}}
    signature = {"input_specs": [{"user_input": {"arg": x}}], "output_specs": [{"user_output": {"arg": x}}]}
    return json.dumps({"graph_module": {"graph": graph, "signature": signature}})


@pytest.mark.parametrize(
    ("first", "operation", "second"),
    [
        ({"as_int": 2**40}, "mul", {"as_int": 2**40}),
        ({"as_ints": [1]}, "mul", {"as_int": 10**12}),
        ({"as_string": "%999999999999d"}, "mod", {"as_int": 1}),
        ({"as_string": "a"}, "mul", {"as_int": 10**12}),
    ],
)
def test_arithmetic_that_takes_all_memory_or_time_is_refused(tmp_path: Path, first: dict[str, Any], operation: str, second: dict[str, Any]) -> None:
    net = Exported(read_program(archive(tmp_path / "odd.pt2", computed(first, f"_operator.{operation}", second))))
    with pytest.raises(KnobError, match="computes with something else than tensors and sizes"):
        net(torch.zeros(3))


def test_arithmetic_on_sizes_works(tmp_path: Path) -> None:
    net = Exported(read_program(archive(tmp_path / "sizes.pt2", computed({"as_int": 6}, "_operator.floordiv", {"as_int": 4}))))
    assert net(torch.ones(3)).sum() == 3


@pytest.mark.parametrize(
    "target", ["os.system", "builtins.eval", "torch.ops.aten.from_file.default", "torch.ops.aten.save.default", "torch.ops.prim.Print.default"]
)
def test_what_is_no_operation_on_tensors_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(KnobError):
        read_program(archive(tmp_path / "odd.pt2", computed({"as_string": "touch /tmp/x"}, target, {"as_int": 1})))


@pytest.mark.parametrize("text", ["[]", "{}", '{"graph_module": 3}', '{"graph_module": {"graph": {"nodes": [], "tensor_values": {}}}}', "[" * 200_000])
def test_json_of_another_shape_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("odd/models/model.json", text)
    with pytest.raises(KnobError, match="is not laid out as torch"):
        read_program(path)


def test_an_input_that_is_no_tensor_is_named(program: Path, tmp_path: Path) -> None:
    path = tmp_path / "scalar.pt2"
    with zipfile.ZipFile(program) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename.endswith("models/model.json"):
                module = json.loads(data)
                for spec in module["graph_module"]["signature"]["input_specs"]:
                    if "user_input" in spec:
                        spec["user_input"]["arg"] = {"as_int": 3}
                data = json.dumps(module).encode()
            new.writestr(item, data)
    with pytest.raises(KnobError, match=r"takes an input that is no tensor \(as_int\)"):
        read_program(path)
