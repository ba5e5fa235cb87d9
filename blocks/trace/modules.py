"""The modules of a network in one list, in torch's order; torch's own generator of generators takes several times as long."""

from __future__ import annotations

from torch import nn


def modules_of(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """``network.named_modules()`` as a list: each module once, with its first path. Where one of them says itself what its modules are, torch's way is taken."""
    found: list[tuple[str, nn.Module]] = []
    seen: set[int] = set()
    stack = [("", network)]
    while stack:
        path, module = stack.pop()
        if type(module).named_modules is not nn.Module.named_modules:
            return list(network.named_modules())
        if id(module) in seen:
            continue
        seen.add(id(module))
        found.append((path, module))
        before = f"{path}." if path else ""
        stack += [(before + name, part) for name, part in reversed(module._modules.items()) if part is not None]
    return found
