"""English sentences that were said elsewhere, in a worker process, a cache or the ledger, in the language of now."""

from __future__ import annotations

import re
from functools import cache

from blocks.language.speaking import language
from blocks.language.translating import catalogue, tr, translatable

_PLACE = re.compile(r"\{(\w+)[^{}]*\}")
_NUMBER = r"\d[\d ,.]*"  # {n} is a count in every sentence
_FEWEST = 6  # letters of its own that a sentence needs to be known by them
#: How errors of knobs are put together: what was given, the rule, which is a sentence of its own, and what works.
_KNOB_ERRORS = (translatable("{argument} = {value}: {rule}. Nearest: {nearest}."), translatable("{argument} = {value}: {rule}."))


def retell(sentence: str) -> str:
    """What ``tr`` would have said in the language of now, from what it said in English; ``sentence`` itself where no catalogue has it."""
    known = catalogue(language()).sentences
    if not known or not sentence:
        return sentence
    for key in (sentence, sentence[0].lower() + sentence[1:]):
        if key in known:
            return known[key]
    for pattern, said in _patterns(language()):
        if match := pattern.fullmatch(sentence):
            return said.format(**{name: _value(name, value) for name, value in match.groupdict().items()})
    return sentence


def _value(name: str, value: str) -> str:
    """What stands in a place. A single word is a value that code is given, such as an argument's name, even where a label has the same letters."""
    if name == "nearest":
        return value.replace(" or ", tr(" or "))
    return retell(value) if " " in value else value


@cache
def _patterns(name: str) -> list[tuple[re.Pattern[str], str]]:
    """Sentences with places, as patterns with their translations: those with most words of their own first. Numbers in them are formatted already."""
    own = {sentence: re.sub(r"[\W\d_]", "", _PLACE.sub("", sentence)) for sentence in catalogue(name).sentences if _PLACE.search(sentence)}
    wanted = [sentence for sentence, letters in own.items() if len(letters) >= _FEWEST or sentence in _KNOB_ERRORS]
    # An error with a nearest value comes before the rule in it, which would take the rest of the error for its own last place.
    wanted.sort(key=lambda sentence: (sentence != _KNOB_ERRORS[0], -len(_PLACE.sub("", sentence))))
    return [(_pattern(sentence), _PLACE.sub(r"{\1}", catalogue(name).sentences[sentence])) for sentence in wanted]


def _pattern(sentence: str) -> re.Pattern[str]:
    """What matches ``sentence`` with anything in its places; a place that comes again has the same in it."""
    seen: set[str] = set()
    parts = []
    for i, part in enumerate(_PLACE.split(sentence)):
        if i % 2 == 0:
            parts.append(re.escape(part.replace("{{", "{").replace("}}", "}")))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>{_NUMBER if part == 'n' else '.*?'})")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
