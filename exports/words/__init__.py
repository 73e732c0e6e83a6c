"""The words of the card and the report, one catalogue a language, and numbers as that language writes them."""

from exports.words.templates import environment
from exports.words.wording import LANGUAGES, MOST_LINES, Language, Unit, Wording, catalogue

__all__ = ["LANGUAGES", "MOST_LINES", "Language", "Unit", "Wording", "catalogue", "environment"]
