"""Exported programs as data: values out of their JSON, and a program whose weights and original modules come back."""

from __future__ import annotations

import json
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
