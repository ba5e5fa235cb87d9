from typing import Any

Formula = Any


def derive(a, of):
    raise NotImplementedError
