"""The report of a review: one HTML file that opens anywhere, offline.

``contents`` computes every figure, ``render`` writes them in one language; both are pure, and the same review gives
the same bytes.
"""

from exports.reporting.contents import Contents, contents
from exports.reporting.links import Place
from exports.reporting.page import render
from exports.reporting.wording import LANGUAGES, Language, Wording

__all__ = [
    "LANGUAGES",
    "Contents",
    "Language",
    "Place",
    "Wording",
    "contents",
    "render",
]
