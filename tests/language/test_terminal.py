"""The language of a command line."""

from __future__ import annotations

import json

import pytest

from architecture_explorer.__main__ import main
from blocks.language.terminal import apart_from_language, padded

NAMES = ("LC_ALL", "LC_MESSAGES", "LANG")


def terminal(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", lang)


@pytest.mark.parametrize(("lang", "said"), [("zh_CN.UTF-8", "没有命令 'cuont'。 最接近的：count。"), ("C", "There is no command 'cuont'. Nearest: count.")])
def test_the_terminal_decides(lang: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal(monkeypatch, lang)
    assert main(["cuont"]) == 2
    assert capsys.readouterr().err.startswith(said)


def test_lc_all_comes_before_lang(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal(monkeypatch, "C")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.startswith("用法：architecture-explorer")


@pytest.mark.parametrize("arguments", [["--lang", "zh", "count", "basic_block"], ["count", "basic_block", "--lang=zh"]])
def test_the_option_decides_before_the_terminal(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal(monkeypatch, "en_GB.UTF-8")
    assert main(arguments) == 0
    assert "峰值激活内存（字节）" in capsys.readouterr().out


def test_a_language_that_is_not_spoken_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal(monkeypatch, "C")
    assert main(["--lang", "fr", "count", "basic_block"]) == 2
    assert capsys.readouterr().err == "--lang = fr: must be one of en, zh.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["count", "resnet50", "--se-ratio", "-3"], "se_ratio = -3：必须"),
        (["count", "resnet5"], "name = 'resnet5'："),
        (["diff", "resnet18", "resnet50", "--batch", "x"], "architecture-explorer diff：错误：参数 --batch：无效的 int 值：'x'"),
        (["diff", "resnet18"], "architecture-explorer diff：错误：缺少必需的参数：B"),
        (["latency", "measure"], "architecture-explorer latency measure：错误：缺少必需的参数：networks"),
        (["latency", "measure", "resnet18", "--mode", "sideways"], "无效的选择 'sideways'"),
    ],
)
def test_errors_are_in_the_language_of_the_terminal(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(monkeypatch, "zh_CN.UTF-8")
    try:
        status = main(arguments)
    except SystemExit as stopped:  # argparse's way to end
        status = int(str(stopped.code))
    assert status == 2
    assert said in capsys.readouterr().err


def test_help_has_no_english_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal(monkeypatch, "zh_CN.UTF-8")
    for arguments in (["count", "--help"], ["diff", "--help"], ["latency", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        told = capsys.readouterr().out
        assert "选项" in told
        assert not any(word in told for word in (" the ", " of ", " and ", "show this", "usage"))


def test_data_is_the_same_in_every_language(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for lang in ("C", "zh_CN.UTF-8"):
        terminal(monkeypatch, lang)
        assert main(["diff", "basic_block", "bottleneck", "--json"]) == 0
        made.append(json.loads(capsys.readouterr().out))
    assert made[0] == made[1]


def test_what_follows_two_dashes_is_left_alone() -> None:
    assert apart_from_language(["run", "--lang", "zh", "--", "--lang", "x"]) == (["run", "--", "--lang", "x"], "zh")
    assert apart_from_language(["count", "--lang"]) == (["count"], "?")


def test_a_chinese_letter_takes_two_columns() -> None:
    assert padded("参数量", 8) == "参数量  "
    assert padded("MACs", 8) == "MACs    "
