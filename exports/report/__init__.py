"""The report of a review: one HTML file that opens anywhere, offline.

``contents`` computes every figure, ``render`` writes them in one language; both are pure, and the same review gives
the same bytes.
"""

from exports.report.contents import Contents, contents
from exports.report.links import Place
from exports.report.page import render
from exports.report.wording import LANGUAGES, Language, Wording

__all__ = [
    "LANGUAGES",
    "Contents",
    "Language",
    "Place",
    "Wording",
    "contents",
    "render",
]
