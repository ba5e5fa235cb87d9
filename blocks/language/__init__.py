"""The languages that the program speaks. An English sentence is the key to its translations, which stand in ``<language>/*.po``, a file per room."""

from blocks.language.errors import SpokenError
from blocks.language.retelling import retell
from blocks.language.speaking import LANGUAGES, ask_with, in_same_language, language, speaking, system_language
from blocks.language.translating import tr, translatable, trn

__all__ = ["LANGUAGES", "SpokenError", "ask_with", "in_same_language", "language", "retell", "speaking", "system_language", "tr", "translatable", "trn"]
