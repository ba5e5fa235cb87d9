"""Verdicts: exact intervals, few false differences however often one looks, known differences found, rankings with ties, the three sentences."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest

from blocks.latency.measure.verdict import FALSE_SHARE, INSPECTIONS, inspection_level, judge, location_interval, rank_variants, signed_rank_cut


@pytest.mark.parametrize("n", [6, 7, 10, 14])
def test_the_signed_rank_cut_counts_every_pattern_of_signs(n: int) -> None:
    sums = sorted(sum(r for r, s in zip(range(1, n + 1), signs, strict=True) if s) for signs in itertools.product((0, 1), repeat=n))
    cut = signed_rank_cut(n, 0.95)
    assert cut is not None
    share = lambda t: sum(s <= t for s in sums) / len(sums)  # noqa: E731
    assert share(cut) <= 0.025 < share(cut + 1)


def test_five_values_have_no_interval() -> None:
    assert signed_rank_cut(5, 0.95) is None
    assert location_interval([0.1] * 5)[1] is None
    assert judge([0.1] * 5).interval is None


def test_the_normal_approximation_is_close_to_the_exact_count() -> None:
    exact, approximate = signed_rank_cut(60, 0.95), signed_rank_cut(61, 0.95)
    assert exact is not None
    assert approximate is not None
    assert 0 <= approximate - exact <= 25


def test_the_centre_is_the_median_of_pairwise_means() -> None:
    values = [0.3, -0.1, 0.25, 0.9, 0.0]
    means = [(a + b) / 2 for i, a in enumerate(values) for b in values[i:]]
    assert location_interval(values)[0] == pytest.approx(float(np.median(means)))


def test_looks_spend_the_promised_share_evenly() -> None:
    spent = [1 - inspection_level(i) for i in range(2 * len(INSPECTIONS))]
    assert sum(spent) == pytest.approx(FALSE_SHARE)
    assert FALSE_SHARE < 0.05
    assert len({round(share, 12) for share in spent[: len(INSPECTIONS)]}) == 1


def watched(rng: np.random.Generator, truth: float, noise: float, episodes: int) -> str:
    """The kind of the verdict if the comparison is looked at as the laboratory does, up to ``episodes``."""
    values = truth + noise * rng.standard_t(3, size=episodes)  # heavy tails, symmetric
    kind = "undecided"
    for look, n in enumerate(n for n in INSPECTIONS if n <= episodes):
        kind = judge(values[:n].tolist(), 0.02, inspection_level(look)).kind
        if kind != "undecided":
            break
    return kind


def test_equal_networks_seldom_get_a_difference() -> None:
    rng = np.random.default_rng(11)
    kinds = [watched(rng, 0.0, 0.02, 160) for _ in range(300)]
    assert sum(k in ("faster", "slower") for k in kinds) / 300 <= 2 * FALSE_SHARE
    assert "same" in kinds


def test_a_known_difference_is_found_in_its_direction() -> None:
    rng = np.random.default_rng(12)
    for truth, kind in ((math.log(1.05), "faster"), (-math.log(1.05), "slower")):
        kinds = [watched(rng, truth, 0.02, 160) for _ in range(100)]
        assert kinds.count(kind) >= 95


@pytest.mark.parametrize(
    ("values", "kind", "pattern"),
    [
        (np.linspace(0.24, 0.30, 20), "faster", r"^A is 1\.31 times \(1\.30-1\.32\) faster than B\.$"),
        (np.linspace(-0.30, -0.24, 20), "slower", r"^B is 1\.31 times \(1\.30-1\.32\) faster than A\.$"),
        (np.linspace(-0.004, 0.005, 20), "same", r"^No difference larger than 2 % between A and B\.$"),
        (np.linspace(0.030, 0.036, 20), "faster", r"^A is 1\.034 times \(1\.033-1\.035\) faster than B\.$"),
        (
            np.linspace(-0.3, 0.4, 20),
            "undecided",
            r"^Not yet decided: about \d+ more episodes\. So far B takes 1\.0\d\d times \(0\.\d+-1\.\d+\) the time of A\.$",
        ),
    ],
)
def test_the_verdict_is_one_of_three_sentences(values: np.ndarray, kind: str, pattern: str) -> None:
    verdict = judge(values.tolist(), 0.02)
    assert verdict.kind == kind
    assert re.search(pattern, verdict.sentence), verdict.sentence
    assert verdict.decided == (kind != "undecided")


def test_a_sure_but_small_difference_is_none_larger_than_the_margin() -> None:
    verdict = judge(np.linspace(0.009, 0.011, 30).tolist(), 0.02)
    assert verdict.kind == "same"
    assert judge(np.linspace(0.009, 0.011, 30).tolist(), 0.005).kind == "faster"


def test_more_is_what_a_wider_noise_needs() -> None:
    few = judge((0.01 + 0.05 * np.sin(np.arange(20))).tolist(), 0.02)
    many = judge((0.01 + 0.2 * np.sin(np.arange(20))).tolist(), 0.02)
    assert few.kind == many.kind == "undecided"
    assert many.more > 4 * few.more
    assert judge([]).sentence == f"Not yet decided: {INSPECTIONS[0]} more episodes."


def test_a_ranking_has_ties() -> None:
    rng = np.random.default_rng(13)
    common = rng.normal(0, 0.3, (40, 1))  # what disturbs all variants of an episode alike
    log_times = common + np.log([2.0, 1.0, 1.003, 1.5]) + rng.normal(0, 0.01, (40, 4))
    places = rank_variants(["slow", "one", "other", "middle"], log_times)
    assert [(p.name, p.rank) for p in places] == [("one", 1), ("other", 1), ("middle", 3), ("slow", 4)] or [p.rank for p in places] == [1, 1, 3, 4]
    by_name = {p.name: p for p in places}
    assert by_name["one"].ties == (2,)
    assert by_name["other"].ties == (1,)
    assert by_name["slow"].ties == ()
    assert by_name["slow"].relative == pytest.approx(2.0, rel=0.03)
    assert min(p.relative for p in places) == 1.0
