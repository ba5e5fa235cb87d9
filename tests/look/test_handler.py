"""What the looking process answers, and the process itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from blocks.experiments.pictures import png
from blocks.knobs import KnobError
from blocks.look.attention import looked_at
from blocks.look.background import cancel_look, look_in_background, stop_looking
from blocks.look.gates import gate_values
from blocks.look.handler import LookingHandler, place_of
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork
from blocks.workers.control import JobControl

SECONDS = 300
SIDE = 64


def asked(network: str = "efficientnet_lite0", weights: str = "lite0", picture: str = "cat", **more: Any) -> dict[str, Any]:
    data = base64.b64encode(png(sample_pixels(picture, SIDE))).decode()
    return {"network": network, "knobs": {}, "shape": [3, SIDE, SIDE], "weights": weights, "picture": data, "off": {}, **more}


@pytest.fixture(scope="module")
def handler() -> LookingHandler:
    return LookingHandler()


def answer(handler: LookingHandler, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    progress: list[object] = []
    found = handler.run(kind, payload, JobControl(progress.append, lambda: False))
    again: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))  # as it comes through the pipe
    return again


def test_a_run_has_an_answer_and_a_thumbnail_of_every_operation(handler: LookingHandler) -> None:
    found = answer(handler, "run", asked(most=5))
    assert len(found["answer"]) == 5
    assert found["trained"] == found["tensors"] == 296
    assert found["error"] == ""
    assert found["untouched"] == []
    seen = SeenNetwork("efficientnet_lite0", {}, "", (3, SIDE, SIDE))
    assert sorted(map(int, found["operations"])) == [n.index for n in seen.analysis.graph.nodes if n.kind not in ("input", "output")]
    assert found["operations"]["4"]["thumb"]["height"] == 28


def test_a_switched_off_channel_changes_the_answer_beside_the_untouched_one(handler: LookingHandler) -> None:
    own = answer(handler, "run", asked(most=5))
    found = answer(handler, "run", asked(most=5, off={"4": [0, 1, 2, 3, 4, 5, 6, 7]}))
    assert [c["index"] for c in found["untouched"]] == [c["index"] for c in own["answer"]]
    assert [c["probability"] for c in found["untouched"]] == pytest.approx([c["probability"] for c in own["answer"]], abs=1e-4)
    assert found["answer"][0]["probability"] != own["answer"][0]["probability"]


def test_what_if_is_answered_beside_the_untouched_network(handler: LookingHandler) -> None:
    own = answer(handler, "run", asked(most=3))
    for what in ({"weights": "int4"}, {"pruned": 60}, {"activations": "int4"}, {"light": 30}, {"blur": 4}):
        found = answer(handler, "run", asked(most=3, what=what))
        assert [c["index"] for c in found["untouched"]] == [c["index"] for c in own["answer"]], what
        assert found["answer"] != found["untouched"], what
    again = answer(handler, "run", asked(most=3))
    assert again["untouched"] == []
    assert [c["probability"] for c in again["answer"]] == pytest.approx([c["probability"] for c in own["answer"]], abs=1e-4)


def test_a_numbers_arithmetic_is_that_of_the_changed_network(handler: LookingHandler) -> None:
    own = answer(handler, "number", asked(node=7, channel=6, row=3, column=5))
    off = answer(handler, "number", asked(node=7, channel=6, row=3, column=5, off={"4": [6]}))
    assert own["chain"][-1]["operation"] == off["chain"][-1]["operation"] == "conv2d"
    assert {t["value"] for t in off["chain"][-1]["terms"]} == {0.0}  # a depthwise convolution reads that channel alone, and that is off
    assert len(own["chain"][-1]["terms"]) == 9
    pruned = answer(handler, "number", asked(node=2, channel=6, row=3, column=5, what={"pruned": 90}))
    assert pruned["chain"][-1]["count"] < 27


def test_an_operation_has_a_wall_in_order_and_a_chosen_channel(handler: LookingHandler) -> None:
    found = answer(handler, "node", asked(node=4, channel=99, order="strength"))
    assert (found["count"], found["size"]) == (32, [32, 32])
    strengths = [c["strength"] for c in found["wall"]]
    assert strengths == sorted(strengths, reverse=True)
    assert found["channel"]["number"] == 31  # the last one there is
    assert sum(found["counts"]) == 32 * 32 * 32


def test_a_number_has_its_chain_its_patch_and_its_field(handler: LookingHandler) -> None:
    found = answer(handler, "number", asked(node=4, channel=6, row=3, column=5))
    assert [s["operation"] for s in found["chain"]] == ["relu6", "batch_norm", "conv2d"]
    last = found["chain"][-1]
    assert last["count"] == 27
    assert sum(t["product"] for t in last["terms"]) + last["rest"] + last["offset"] == pytest.approx(last["value"], abs=1e-5)
    patch = last["patch"]
    assert (len(patch["rows"]), len(patch["columns"])) == (3, 3)
    products = [v * f for row, weights in zip(patch["values"], patch["factors"], strict=True) for v, f in zip(row, weights, strict=True)]
    assert sum(products) == pytest.approx(patch["sum"])
    assert found["field"] == [6, 8, 10, 12]  # stride 2, padded below and at the right only


def test_of_many_products_the_largest_are_sent_and_the_others_summed(handler: LookingHandler) -> None:
    seen = SeenNetwork("efficientnet_lite0", {}, "", (3, SIDE, SIDE))
    linear = next(n.index for n in seen.analysis.graph.nodes if n.kind == "linear")
    step = answer(handler, "number", asked(node=linear, channel=281, row=0, column=0))["chain"][0]
    assert step["count"] > len(step["terms"]) == 60
    assert sum(t["product"] for t in step["terms"]) + step["rest"] + step["offset"] == pytest.approx(step["value"], abs=1e-4)
    sizes = [abs(t["product"]) for t in step["terms"]]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("way", ["grad_cam", "gradient"])
def test_why_gives_a_map(handler: LookingHandler, way: str) -> None:
    found = answer(handler, "why", asked(way=way, label=281))
    assert found["map"]["height"] == found["map"]["width"] == (2 if way == "grad_cam" else 64)


def test_attention_is_asked_of_one_patch_and_answered_for_each_head(handler: LookingHandler) -> None:
    vit = {"network": "vit_ti_16", "weights": "", "shape": [3, 96, 96], "knobs": {"image_size": 96, "depth": 2}}
    seen = SeenNetwork("vit_ti_16", vit["knobs"], "", (3, 96, 96))  # type: ignore[arg-type]
    node = [n.index for n in seen.analysis.graph.nodes if n.kind == "attention"][1]
    found = answer(handler, "attention", asked(node=node, query=[4, 1]) | vit)
    assert (found["size"], found["first"], found["query"], len(found["layers"])) == ([6, 6], 1, [4, 1], 2)
    assert [len(row) for row in found["distances"]] == [3, 3]
    for one in [*found["heads"], found["rollout"]]:
        assert (one["map"]["height"], one["map"]["width"]) == (6, 6)
        assert one["share"] == pytest.approx(one["map"]["high"])
    assert found["heads"][2]["distance"] == found["distances"][1][2]
    own = looked_at(seen, seen.input_of(base64.b64decode(asked()["picture"])), node, (4, 1))
    assert [one["class"] for one in found["heads"]] == pytest.approx(own.heads[:, 0].tolist())
    assert [one["own"] for one in found["heads"]] == pytest.approx(own.heads[:, 26].tolist())
    assert found["rollout"]["own"] > 0.25 > found["rollout"]["share"]  # half of each layer passes by the attention
    others = own.heads[1, 1:].clone()
    others[25] = 0
    assert found["heads"][1]["share"] == pytest.approx(float(others.max()))
    assert found["heads"][1]["most"] == list(divmod(int(others.argmax()), 6))
    of_token = answer(handler, "attention", asked(node=node, query=None) | vit)
    assert (of_token["query"], of_token["heads"][0]["own"]) == (None, None)
    with pytest.raises(KnobError, match="must lie in 6x6 patches"):
        answer(handler, "attention", asked(node=node, query=[6, 0]) | vit)


def test_the_pixels_that_act_on_a_number_lie_inside_its_field(handler: LookingHandler) -> None:
    place = {"node": 9, "channel": 6, "row": 3, "column": 5}
    found, number = answer(handler, "acting", asked(**place)), answer(handler, "number", asked(**place))
    top, bottom, left, right = number["field"]
    first, last, west, east = found["box"]
    assert top <= first <= last <= bottom
    assert left <= west <= east <= right
    assert 0 < found["pixels"] <= (bottom - top + 1) * (right - left + 1)
    assert (len(found["rows"]), len(found["columns"])) == (len(found["cells"]) + 1, len(found["cells"][0]) + 1)
    assert sum(row.count("1") for row in found["cells"]) == found["pixels"]  # a cell is a pixel here
    off = answer(handler, "acting", asked(node=7, channel=6, row=3, column=5, off={"4": [6]}))
    assert (off["pixels"], off["box"], off["cells"]) == (0, None, [])


def test_gates_are_answered_for_one_picture_and_for_two(handler: LookingHandler) -> None:
    se = {"network": "seresnet18", "weights": ""}
    seen = SeenNetwork("seresnet18", {}, "", (3, SIDE, SIDE))
    node = next(n.index for n in seen.analysis.graph.nodes if n.op == "sigmoid")
    alone = answer(handler, "gates", asked(node=node, beside="") | se)
    assert alone["beside"] is None
    coffee = asked(picture="coffee")["picture"]
    both = answer(handler, "gates", asked(node=node, beside=coffee) | se)
    assert both["own"]["gates"] == pytest.approx(alone["own"]["gates"], abs=1e-6)
    for name, picture in (("own", asked()["picture"]), ("beside", coffee)):
        expected = gate_values(seen, seen.input_of(base64.b64decode(picture)), node)
        assert both[name]["gates"] == pytest.approx(expected.gates.tolist(), abs=1e-6)
        assert both[name]["squeezed"] == pytest.approx(expected.squeezed.tolist(), abs=1e-6)


def test_places_of_maps_are_positions_of_tensors() -> None:
    seen = SeenNetwork("vit_ti_16", {}, "")
    inputs = seen.input_of(png(sample_pixels("cat", 224)))
    tokens = next(n for n in seen.analysis.graph.nodes if n.shape == (1, 197, 192))
    assert place_of(tokens, inputs, 7, 2, 3) == (0, 1 + 2 * 14 + 3, 7)  # after the class token
    with pytest.raises(KnobError, match="must lie in 192x14x14"):
        place_of(tokens, inputs, 7, 14, 0)


def test_what_a_network_raises_is_a_sentence(handler: LookingHandler) -> None:
    assert handler.describe(KnobError("weights", "x", "does not fit")).startswith("weights")
    assert handler.describe(ValueError("no")) == "ValueError: no"


@pytest.fixture
def _process() -> Iterator[None]:
    yield
    stop_looking()


@pytest.mark.usefixtures("_process")
def test_the_process_answers_says_what_does_not_fit_and_drops_what_is_cancelled() -> None:
    good = look_in_background("run", asked(most=3), "a")
    bad = look_in_background("run", asked(network="resnet18", weights="lite0", most=3), "b")
    dropped = look_in_background("run", asked(most=3), "c")
    cancel_look(dropped)
    assert dropped.state == "cancelled"
    assert good.finished.wait(SECONDS)
    assert good.result is not None
    assert len(good.result["answer"]) == 3
    assert bad.finished.wait(SECONDS)
    assert bad.state == "failed"
    assert "holds nothing that fits" in bad.message
    replaced = [look_in_background("run", asked(most=most), "d") for most in (1, 2)]
    assert replaced[1].finished.wait(SECONDS)
    assert replaced[0].over  # another question of one session takes its place
