"""What a page says of a choice that cannot be analysed."""

from __future__ import annotations

import re

import pytest

from blocks.knobs import KnobError
from blocks.language import speaking
from blocks.trace.errors import TraceError
from viz.kit.choice import Choice, analysed
from viz.kit.refusal import causes, refusal_sentence, smallest_side, ways_out


def test_a_knob_error_speaks_for_itself() -> None:
    error = KnobError("groups", 3, "must divide the channels", [2, 4])
    assert refusal_sentence(error, Choice("resnet18")) == str(error)


def test_the_smallest_resolution_runs_and_the_next_smaller_does_not() -> None:
    small = Choice("alexnet", side=9)
    with pytest.raises(TraceError) as refused:
        analysed(small)
    least = smallest_side(small)
    assert least is not None
    assert least > 9
    assert analysed(Choice("alexnet", side=least)).macs > 0
    with pytest.raises(TraceError):
        analysed(Choice("alexnet", side=least - 1))
    sentence = refusal_sentence(refused.value, small)
    assert sentence.endswith(f". The smallest resolution that works is {least}.")


def test_no_hint_where_the_input_has_no_free_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.kit.refusal.free_places", lambda _: ())
    for place in ("viz.kit.refusal.analysed", "viz.kit.choice.analysed"):
        monkeypatch.setattr(place, _refuse)
    assert smallest_side(Choice("alexnet")) is None
    assert refusal_sentence(TraceError("It broke"), Choice("alexnet")) == "It broke."


def test_an_argument_of_a_block_inside_is_put_down_to_the_knobs_of_the_page() -> None:
    wide = Choice("resnet50", {"groups": 48, "se_ratio": 16})
    with pytest.raises(KnobError) as refused:
        analysed(wide)
    assert refused.value.argument == "c_mid"
    assert causes(wide) == ["groups"]
    sentence = refusal_sentence(refused.value, wide)
    assert sentence.startswith("groups 48 cannot be used here: in a block of resnet50, c_mid = 24576 must lie between")
    assert "Nearest" not in sentence  # 16384 channels are no answer to somebody who set the groups


@pytest.mark.parametrize(("choice", "said"), [
    (Choice("bottleneck", {"groups": 3}), "groups 3 cannot be used here: it must divide the 64 channels that it splits; these follow from Channels C_mid, First width divisor b. Nearest: 2 or 4."),
    (Choice("dense_layer", {"groups": 3}), "groups 3 cannot be used here: it must divide the 128 channels that it splits; these follow from Growth rate k_g, Bottleneck factor b. Nearest: 2 or 4."),
    (Choice("alexnet", {"groups": 3}), "groups 3 cannot be used here: it must divide the 64 channels that it splits; these follow from Width multiplier α, Channels per convolution C. Nearest: 2 or 4."),
    (Choice("encoder_block", {"heads": 7}), "heads = 7: must divide width = 768. Nearest: 6 or 8."),  # the page has the width
])  # fmt: skip
def test_what_a_block_divides_inside_is_put_down_to_the_knobs_of_the_page_that_set_it(choice: Choice, said: str) -> None:
    with pytest.raises(KnobError) as refused:
        analysed(choice)
    assert refusal_sentence(refused.value, choice) == said


def test_a_refusal_is_all_in_the_language_of_who_reads_it() -> None:
    for choice in (Choice("bottleneck", {"groups": 3}), Choice("resnet50", {"groups": 48})):
        with pytest.raises(KnobError) as refused:
            analysed(choice)
        with speaking("zh"):
            sentence = refusal_sentence(refused.value, choice)
        assert re.findall(r"[A-Za-z]{4,}", sentence.replace(choice.name, "")) == []


@pytest.mark.parametrize(("choice", "words"), [
    (Choice("resnet50", {"groups": 48}), ["groups 32"]),
    (Choice("vit_b_16", {"patch_size": 15}), ["image size 210", "patch size 14"]),
    (Choice("vit_b_16", {"heads": 7}), ["heads 6"]),
    (Choice("resnet50", {"depths": (3, 4, 6)}), ["blocks per stage 3,4,6,6"]),
    (Choice("alexnet", side=20), ["63 px"]),
])  # fmt: skip
def test_every_way_out_works_and_is_the_nearest(choice: Choice, words: list[str]) -> None:
    found = ways_out(choice)
    assert [way.words for way in found] == words
    for way in found:
        assert analysed(way.choice).macs > 0


def test_a_way_out_is_said_in_the_language_of_who_asks() -> None:
    choice = Choice("resnet50", {"groups": 48})
    with speaking("zh"):
        assert [way.words for way in ways_out(choice)] == ["分组数 32"]
    assert [way.words for way in ways_out(choice)] == ["groups 32"]


def test_each_setting_that_would_mend_it_alone_is_named() -> None:
    both = Choice("vit_b_16", {"image_size": 240, "patch_size": 14})  # 240 / 16 and 224 / 14 are whole
    assert causes(both) == ["image_size", "patch_size"]


def _refuse(_: Choice) -> None:
    raise TraceError("It broke")
