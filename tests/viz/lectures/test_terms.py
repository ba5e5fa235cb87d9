"""The terms of each language: a Chinese lecture uses the field's words, an English one leaves out what nobody would say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from blocks.experiments import base
from blocks.language import retell, speaking
from viz.lectures import course, dials
from viz.lectures.live import TEMPLATE
from viz.lectures.source import read_lecture

#: What is not said, with what is said instead.
FORBIDDEN = {
    "zh": {
        "字母式": "公式", "峰值显存": "峰值内存", "显存": "内存", "洗牌": "通道混洗", "处理器": "CPU", "token": "词元", "旋钮": "系数", "价钱": "代价",
        "使用时": "推理时", "字母公式": "公式",
    },
    "en": {
        "telephone": "phone", "at the middle": "median", "at most,": "maximum", "easy soon": "become easy", "processor": "CPU or GPU", "a operation": "an operation",
        "half the space": "each negative coordinate",
    },
}  # fmt: skip
#: Names and symbols that are Latin in Chinese too: networks, people, libraries, options, units, letters of formulas.
_LATIN_SENTENCE = re.compile(r"(?:[A-Za-z][a-z]+ ){4,}[A-Za-z][a-z]+")


@pytest.mark.parametrize("path", course.files(), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_lecture_uses_the_fields_words(path: Path) -> None:
    lecture = read_lecture(path)
    said = [lecture.title, lecture.summary, *(step.title for step in lecture.steps), *(text for step in lecture.steps for text in dials.texts(step))]
    bare = "\n".join(TEMPLATE.sub(" ", text) for text in said)
    assert [wrong for wrong in FORBIDDEN[lecture.language] if wrong in bare] == []
    if lecture.language == "zh":
        assert _LATIN_SENTENCE.findall(bare) == []


@pytest.mark.parametrize("name", base.experiment_names())
def test_an_experiment_uses_the_fields_words(name: str) -> None:
    found = base.find_experiment(name)
    sentences = [found.title, found.claim, found.bound, *(option.label for option in found.options)]
    for language, words in FORBIDDEN.items():
        with speaking(language):
            said = re.sub(r"\{.*?\}", "", " ".join(map(retell, sentences)))
        assert [wrong for wrong in words if wrong in said] == []
