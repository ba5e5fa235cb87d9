"""Training small networks of the catalog on small data, here: seconds to minutes on a CPU, exact to the bit for a seed."""

from blocks.train.bands import Band, accuracy_bands
from blocks.train.data import Samples, load_samples, split_samples
from blocks.train.run import EpochResult, Recipe, StepResult, TrainingRun
from blocks.train.saving import read_checkpoint, save_checkpoint, save_weights

__all__ = [
    "Band",
    "EpochResult",
    "Recipe",
    "Samples",
    "StepResult",
    "TrainingRun",
    "accuracy_bands",
    "load_samples",
    "read_checkpoint",
    "save_checkpoint",
    "save_weights",
    "split_samples",
]
