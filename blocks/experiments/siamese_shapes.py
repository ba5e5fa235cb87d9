"""A siamese network trained here on drawn shapes: distances within and between classes separate, also for classes it has not seen.

Koch et al. 2015, sections 3 and 4.3 (the network, smaller; one-shot); Hadsell et al. 2006 (contrastive loss); Schroff et al. 2015, arXiv
1503.03832 (triplet loss).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from blocks.experiments import shapes
from blocks.experiments.base import ClaimVerdict, ExperimentOption, LiveExperiment, RunProgress, seed_option
from blocks.families.siamese import KochNet, Siamese, contrastive_loss, euclidean, one_shot, triplet_loss
from blocks.language import translatable

SEEN, UNSEEN = range(8), range(8, 12)
EACH, STEPS, EMBEDDING, LOOKED, TRIALS = 5, 8, 16, 10, 16


@dataclass(frozen=True, eq=False)
class Parting:
    """On unseen classes: mean distances ``same`` and ``different`` after each epoch (the first before any), and all of them ``before`` and ``after``.

    ``query`` (S, S), ``support`` (4, S, S) and their ``distances`` (4,) are one one-shot choice; ``accuracy`` is that of many.
    """

    same: list[float]
    different: list[float]
    before: tuple[Tensor, Tensor]
    after: tuple[Tensor, Tensor]
    query: Tensor
    support: Tensor
    distances: Tensor
    accuracy: float
    verdict: ClaimVerdict


def embedding_network() -> Siamese:
    """Koch's network at the shapes' size, for either distance."""
    net = Siamese(embedding=EMBEDDING, image_size=65)
    net.backbone = KochNet(image_size=shapes.SHAPE_SIDE, widths=(8, 16, 32), kernels=(5, 3, 3), num_classes=EMBEDDING)
    return net


def pairs(labels: Tensor) -> tuple[Tensor, Tensor]:
    """(pairs of one class, pairs of two classes), each (P, 2) of indices."""
    i, j = torch.triu_indices(len(labels), len(labels), 1)
    equal = labels[i] == labels[j]
    both = torch.stack([i, j], 1)
    return both[equal], both[~equal]


def distances(net: Siamese, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Distances of all pairs of one class and of two."""
    with torch.no_grad():
        z = net.eval().embed(x)
    return tuple(euclidean(z[p[:, 0]], z[p[:, 1]]) for p in pairs(labels))  # type: ignore[return-value]


def step_loss(z: Tensor, labels: Tensor, loss: str, generator: torch.Generator) -> Tensor:
    """The loss of one batch of embeddings: as many pairs of two classes as of one, or for each pair of one class a stranger."""
    same, different = pairs(labels)
    if loss == "triplet":
        stranger = torch.multinomial((labels[same[:, :1]] != labels[None]).float(), 1, generator=generator)[:, 0]
        return triplet_loss(z[same[:, 0]], z[same[:, 1]], z[stranger])
    drawn = different[torch.randperm(len(different), generator=generator)[: len(same)]]
    chosen = torch.cat([same, drawn])
    target = torch.arange(len(chosen)) < len(same)
    return contrastive_loss(euclidean(z[chosen[:, 0]], z[chosen[:, 1]]), target)


def choices(net: Siamese, trials: int, generator: torch.Generator) -> tuple[float, tuple[Tensor, Tensor, Tensor]]:
    """Accuracy of one-shot choices among unseen classes, and one of them as (query, support, distances)."""
    right, shown = [], None
    for trial in range(trials):
        support, _ = shapes.batch(1, UNSEEN, generator)
        query, labels = shapes.batch(3, UNSEEN, generator)
        chosen, found = one_shot(net.eval(), query, support)
        right.append((chosen + UNSEEN.start == labels).float().mean())
        if shown is None:
            one = 3 * (trial % len(UNSEEN)) + 6
            shown = query[one, 0], support[:, 0], found[one]
    assert shown is not None
    return float(torch.stack(right).mean()), shown


def train(net: Siamese, watch: RunProgress, epochs: int, loss: str, generator: torch.Generator, report: bool = True) -> Parting:
    """Train ``net``, looking at unseen classes after each epoch; with ``report`` each look is a partial result."""
    looked, labels = shapes.batch(LOOKED, UNSEEN, generator)
    before = distances(net, looked, labels)
    same, different = [float(before[0].mean())], [float(before[1].mean())]
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3)
    result = None
    for epoch in range(epochs):
        for step in range(STEPS):
            x, y = shapes.batch(EACH, SEEN, generator)
            optimiser.zero_grad()
            step_loss(net.train().embed(x), y, loss, generator).backward()
            optimiser.step()
            watch.tick((epoch + step / STEPS) / epochs)
        after = distances(net, looked, labels)
        same.append(float(after[0].mean()))
        different.append(float(after[1].mean()))
        accuracy, shown = choices(net, TRIALS if epoch + 1 == epochs else 3, torch.Generator().manual_seed(epochs))
        chance = 1 / len(UNSEEN)
        numbers = {"epochs": epoch + 1, "before": different[0] / same[0], "after": different[-1] / same[-1], "accuracy": accuracy, "chance": chance}
        parted = different[-1] / same[-1] >= 1.2 * different[0] / same[0]
        result = Parting(list(same), list(different), before, after, *shown, accuracy, ClaimVerdict(parted and accuracy >= 2 * chance, numbers))
        watch.tick((epoch + 1) / epochs, result if report else None)
    assert result is not None
    return result


def run(watch: RunProgress, *, epochs: int = 12, loss: str = "contrastive", seed: int = 1) -> Parting:
    """Train from nothing on eight classes; four others are for looking."""
    torch.manual_seed(seed)
    return train(embedding_network(), watch, epochs, loss, torch.Generator().manual_seed(seed))


EXPERIMENT = LiveExperiment(
    title="Distances separate, even for unseen shapes",
    claim="After {epochs} epochs, distances between unseen classes are {after:.2f} times those within a class ({before:.2f} before). One-shot accuracy is {accuracy:.0%}; chance level, {chance:.0%}.",
    bound="confirmed if that ratio grows by a fifth and the accuracy is at least twice the chance level",
    run=run,
    options=(
        ExperimentOption("epochs", 12, "Epochs", 1, 40, 1),
        ExperimentOption(
            "loss", "contrastive", "Loss", values=("contrastive", "triplet"),
            titles={"contrastive": translatable("contrastive"), "triplet": translatable("triplet")},
        ),
        seed_option(),
    ),
    seconds=6,
)  # fmt: skip
