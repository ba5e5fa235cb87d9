"""An extension of the API reference: ``:class:`~blocks.knobs.KnobError``` in a docstring is shown as ``KnobError``, in the font of code."""

from __future__ import annotations

import re

import griffe

_ROLE = re.compile(r":(?:class|meth|func|data|attr|mod|exc|obj):`(?P<short>~)?(?P<name>[^`]+)`")


def plain_roles(text: str) -> str:
    """``text`` with every role as a span of code; a leading ``~`` leaves the last part of the name."""
    return _ROLE.sub(lambda m: f"`{m['name'].rpartition('.')[2] if m['short'] else m['name']}`", text)


class PlainRoles(griffe.Extension):
    """Rewrites the docstring of every object as it is collected."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        """Called once per module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = plain_roles(obj.docstring.value)
