"""The words around a lecture's content, in its languages."""

from __future__ import annotations

from blocks.knobs import Knob
from viz.kit import chinese
from viz.kit.figures import QUANTITIES

_WORDS: dict[str, tuple[str, str]] = {
    "course": ("Lectures", "课程"),
    "course_lead": (
        "Every family of networks, taught on the networks themselves: each figure below is computed while you look at it.",
        "每个网络家族都在网络本身上讲解：下面的每个数字都是在你看到它时计算出来的。",
    ),
    "builds_on": ("builds on", "先修"),
    "starts": ("no lecture before it", "无先修课"),
    "steps": ("steps", "步"),
    "open": ("Open", "打开"),
    "all": ("All lectures", "全部课程"),
    "next": ("Next step", "下一步"),
    "previous": ("Previous step", "上一步"),
    "present": ("Present", "演示"),
    "leave": ("Leave the presentation", "退出演示"),
    "notes": ("Notes in a window of their own (N)", "在独立窗口中显示讲稿 (N)"),
    "no_notes": ("No notes for this step.", "本步没有讲稿。"),
    "handout": ("Handout", "讲义"),
    "print": ("Print or save as PDF", "打印或另存为 PDF"),
    "back": ("Back to the lecture", "返回课程"),
    "explore": ("Explore", "探索"),
    "explore_help": ("Open this network in Explore, in a new tab.", "在新标签页的“探索”中打开该网络。"),
    "compare": ("Compare", "对比"),
    "compare_help": ("Open these networks in Compare, in a new tab.", "在新标签页的“对比”中打开这些网络。"),
    "answer": ("Answer", "答案"),
    "question": ("Question", "思考题"),
    "knobs": ("Turn", "调节"),
    "kept": ("The last setting that works stays on the screen.", "屏幕上保留最近一次有效的设置。"),
    "only_english": ("This lecture is in English only.", "本课暂时只有英文版。"),
    "unknown": ("There is no lecture called {name}. Choose one below.", "没有名为 {name} 的课程，请在下面选择。"),
    "bad_step": (
        "step = {step}: must be a whole number between 1 and {last}. Nearest: {nearest}.",
        "step = {step}：必须是 1 到 {last} 之间的整数。最近的是 {nearest}。",
    ),
    "letters": ("symbolic", "公式"),
    "total": ("in all", "合计"),
    "operation": ("Operation", "操作"),
    "network": ("Network", "网络"),
    "measure": ("Measure on this device", "在本机上测量"),
    "measuring": ("Measuring in interleaved rounds …", "正在交替测量……"),
    "stop": ("Stop", "停止"),
    "run": ("Run", "运行"),
    "run_again": ("Run again", "再运行一次"),
    "unfinished": ("The experiment could not finish: {error}", "实验未能完成：{error}"),
    "running": ("Running …", "正在运行……"),
    "stopped": ("Stopped.", "已停止。"),
    "not_measured": ("Not measured yet.", "尚未测量。"),
    "measured_ago": ("Measured on this device {minutes} min ago.", "{minutes} 分钟前在本机上测得。"),
    "not_run": ("Not run yet: the picture appears here. {bound}.", "尚未运行：结果会显示在这里。{bound}。"),
    "earlier_run": ("An earlier run, {minutes} min ago. Run makes a new one.", "{minutes} 分钟前的运行结果；点“运行”可重新运行。"),
    "seconds": ("about {seconds} s", "约 {seconds} 秒"),
    "no_experiment": ("The experiment {name} is not installed.", "未找到实验 {name}。"),
    "claim_holds": ("Shown", "得到验证"),
    "claim_fails": ("Not shown this time", "本次未得到验证"),
    "against": ("{figures} against {other}{of}", "{figures}与{other}{of}"),
    "swept": ("{figures} against {other}{of}", "{figures}随{other}的变化{of}"),
    "recipes": (
        "Published with different training recipes, so not all of a difference is the network's. {said}.",
        "发表时的训练方案不同，差异不全来自网络本身。{said}。",
    ),
    "published": ("Published, not measured here", "发表的结果，并非在此测得"),
    "none_published": ("Nothing published is on record for these names.", "没有这些网络的已发表结果。"),
    "field": ("Receptive field", "感受野"),
    "output": ("Output", "输出"),
    "input": ("Input", "输入"),
    "accuracy": ("Top-1 (%)", "Top-1 (%)"),
    "throughput": ("Images/s", "图片/秒"),
    "source": ("Source", "来源"),
    "setup": ("Setup", "环境"),
    "where": ("where", "其中"),
    "holds": ("holds while", "成立条件："),
    "median": ("Median (ms)", "中位数 (ms)"),
    "interval": ("95 % interval (ms)", "95 % 区间 (ms)"),
    "not_timed": ("Nothing was measured: {why}", "没有测量结果：{why}"),
    "verdict_same": ("No difference larger than {margin} % between {a} and {b}.", "{a} 与 {b} 的用时相差不超过 {margin} %。"),
    "verdict_undecided": (
        "Not yet decided: about {more} more rounds. So far {b} takes {ratio} times the time of {a}.",
        "尚无定论：大约还需 {more} 轮。目前 {b} 的用时是 {a} 的 {ratio} 倍。",
    ),
    "verdict_faster": ("{a} is {ratio} times ({low}–{high}) faster than {b}.", "{a} 比 {b} 快，{b} 的用时是它的 {ratio} 倍（{low}–{high}）。"),
    "of_largest": ("% of the largest", "占最大者的百分比 (%)"),
    "rate": ("GFLOP/s", "GFLOP/s"),
    "joules": ("J per image", "焦耳/图"),
    "keys": (
        "← → steps · 1–9 that step · O overview · R run · F full screen · L language · N notes window · Q QR code · Esc leaves",
        "← → 翻页 · 1–9 第几步 · O 目录 · R 运行 · F 全屏 · L 语言 · N 讲稿窗口 · Q 二维码 · Esc 退出",
    ),
    "overview": ("Overview of the steps (O)", "步骤目录 (O)"),
    "code_of": ("QR code of this step (Q)", "本步的二维码 (Q)"),
    "no_address": ("The page's own address is unknown here, so there is no code.", "无法得知本页的网址，因此没有二维码。"),
    "only_here": (
        "This address works on this machine only: open the app under the machine's name in its network.",
        "该网址只在本机有效：请用本机在网络中的名称打开应用。",
    ),
    "start_again": ("Start again", "重新计时"),
    "last_step": ("This is the last step.", "这是最后一步。"),
    "your_answer": ("Your answer", "你的答案"),
    "answer_help": ("Kept in this page's link: share the link to hand it in.", "保存在本页链接中：把链接发给老师即可提交。"),
    "view_graph": ("Graph", "计算图"),
    "view_formula": ("Formula", "公式"),
    "view_figures": ("Table", "表格"),
    "view_chart": ("Chart", "图表"),
    "view_experiment": ("Experiment", "实验"),
    "view_latency": ("Measurement", "测量"),
    "view_knobs": ("Knobs", "可调参数"),
    "view_published": ("Published results", "发表的结果"),
    "view_code": ("Code", "代码"),
}
_WORDS |= {name: (figure.label, figure.chinese) for name, figure in QUANTITIES.items()}


def word(key: str, language: str, **values: object) -> str:
    """One of the words above in ``language``, with ``values`` in its places."""
    text = _WORDS[key][1 if language == "zh" else 0]
    return text.format(**values) if values else text


def translated_label(label: str, language: str) -> str:
    """A knob's label in ``language``."""
    return chinese.chinese_label(label) if language == "zh" else label


def translated_help(knob: Knob, language: str) -> str | None:
    """What a knob's widget says on asking, in ``language``; None for the widget's own words."""
    return chinese.chinese_help(knob) if language == "zh" else None


def error_text(error: Exception, language: str) -> str:
    """An error as a sentence in ``language``."""
    return chinese.chinese_error(error) if language == "zh" else str(error)
