"""Which trained weights the Inside page offers for a network: those that come with a package, and those that the command line names."""

from __future__ import annotations

from blocks.extras import missing
from blocks.weights.bundled import BUNDLED
from viz.kit.command_line import weights_given

OWN_PICTURE = "own"
_FROM_FILE = "file"


def known_weights(network: str) -> list[str]:
    """Names of the weights for ``network``, the best to begin with first."""
    given = [_FROM_FILE] if network in weights_given() else []
    return given + [name for name, one in BUNDLED.items() if one.network == network and not missing("look")]


def default_weights(network: str) -> str:
    """Those that the page opens with; "" where there are none but random ones."""
    return next(iter(known_weights(network)), "")


def weights_place(network: str, name: str) -> str:
    """What :func:`blocks.weights.bundled.weights_path` takes for a name of :func:`known_weights`."""
    return weights_given()[network] if name == _FROM_FILE else name
