"""Trained weights: read from a file without running its code, and given to a network of the catalog.

from blocks.weights import load_weights
net, fit = load_weights("efficientnet_lite0", "lite0.pth")
"""

from blocks.weights.fit import WeightFit, fit_by_order, fit_by_trace
from blocks.weights.load import load_weights
from blocks.weights.read import read_weights

__all__ = ["WeightFit", "fit_by_order", "fit_by_trace", "load_weights", "read_weights"]
