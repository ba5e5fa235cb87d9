"""The course: every lecture that has a file, in order, with what each builds on."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from viz.kit.home import APP_FOLDER
from viz.lectures.source import Lecture, read_lecture

HOME = APP_FOLDER / "pages" / "lectures"


def files(language: str | None = None) -> list[Path]:
    """The lectures' files, of one language or of all."""
    return sorted(HOME.glob(f"{language or '*'}/*.md"))


def lectures(language: str) -> list[Lecture]:
    """Every lecture in its order; one that ``language`` lacks stands there in English. Raises LectureError for a broken file."""
    found = {path.stem: _read(path, path.stat().st_mtime_ns) for path in [*files("en"), *files(language)]}
    return sorted(found.values(), key=lambda lecture: (lecture.order, lecture.name))


def find_lecture(name: str, language: str) -> Lecture | None:
    """The lecture called ``name``, or the one that teaches a family of this name; in English where ``language`` lacks it, None where there is none."""
    # The name comes from an address: it is compared with files that are there, and never made into a path.
    found = lectures(language)
    return next((lecture for lecture in found if lecture.name == name), None) or next(
        (lecture for lecture in found if name in (lecture.family, *lecture.covers)), None
    )


@lru_cache(maxsize=256)
def _read(path: Path, changed: int) -> Lecture:  # noqa: ARG001 - a file that changed is read again
    return read_lecture(path)
