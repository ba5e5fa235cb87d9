"""The terms of each language: a Chinese lecture uses the field's words, an English one leaves out what nobody would say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from blocks.experiments import base
from blocks.language import retell, speaking
from blocks.language.translating import catalogue
from viz.lectures import course, dials
from viz.lectures.live import TEMPLATE
from viz.lectures.source import read_lecture

#: What is not said (a pattern), with what is said instead.
FORBIDDEN = {
    "zh": {
        "字母式": "公式", "峰值显存": "峰值内存", "显存": "内存", "洗牌": "通道混洗", "处理器": "CPU", "token": "词元", "旋钮": "系数", "价钱": "代价",
        "使用时": "推理时", "字母公式": "公式", "(?<![全低双高])精度": "准确率", "配方": "训练方案", "稠密块|稠密层|稠密网络": "密集块", "逐深度": "深度卷积",
        "跳跃": "跳连", "步长": "步幅", "快捷连接": "捷径", "图像": "图片", r"\bstem\b": "起始部分",
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
    assert [wrong for wrong in FORBIDDEN[lecture.language] if re.search(wrong, bare)] == []
    if lecture.language == "zh":
        assert _LATIN_SENTENCE.findall(bare) == []


@pytest.mark.parametrize("name", base.experiment_names())
def test_an_experiment_uses_the_fields_words(name: str) -> None:
    found = base.find_experiment(name)
    sentences = [found.title, found.claim, found.bound, *(option.label for option in found.options)]
    for language, words in FORBIDDEN.items():
        with speaking(language):
            said = re.sub(r"\{.*?\}", "", " ".join(map(retell, sentences)))
        assert [wrong for wrong in words if re.search(wrong, said)] == []


def test_the_catalogues_use_the_same_words() -> None:
    """Code in a message stays as it is: what stands in its places or between backticks, names with an underscore, values of a knob in brackets."""
    found = []
    for sentence, said in catalogue("zh").sentences.items():
        bare = re.sub(r"\{[^}]*\}|`[^`]*`|\w+_\w+|（\w+", " ", said)
        found += [f"{sentence}: {wrong}" for wrong in FORBIDDEN["zh"] if wrong != "使用时" and re.search(wrong, bare)]
    assert found == []
