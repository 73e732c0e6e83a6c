"""The words and numbers of the card and the report in one language: strings from a catalogue, numbers by Babel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, get_args

from babel import Locale
from babel.numbers import format_decimal

if TYPE_CHECKING:
    from exports.measure.estimates import Estimate
    from workspace.giveaways import Share

Language = Literal["es", "en"]
Unit = Literal["coefficient", "share", "points"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
MOST_LINES = 20  # of a table of what the data name: its most frequent values, and one line for the others
_SPACE, _MINUS = "\u00a0", "\u2212"


class Wording:
    """One language of the card and the report.

    Raises:
        ValueError: on construction, if there is no catalogue of this language.
    """

    def __init__(self, language: Language) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, got {language!r}")
        self.language = language
        self.strings = catalogue(language)
        self._locale = Locale.parse(language)

    def __call__(self, key: str, **values: Any) -> str:
        """A string of the catalogue; numbers in it are written as the language does.

        ``{votes:vote|votes}`` in it is the number and the word that goes with it: ``1 vote``, ``2 votes``.
        """
        shown = {
            name: _Count(value, self.whole(value)) if isinstance(value, int) else value
            for name, value in values.items()
        }
        return self.strings[key].format(**shown)

    def sentence(self, text: str) -> str:
        """A text that begins with a capital letter."""
        return text[:1].upper() + text[1:]

    def named(self, table: str, name: str) -> str:
        """What a table of the catalogue says of a name in the data; the name itself if it says nothing."""
        key = f"{table}_{name}"
        return self(key) if key in self.strings else name

    def whole(self, number: int) -> str:
        """``12345`` as ``12.345`` (Spanish, which groups from five digits on) or ``12,345`` (English)."""
        return self._written(number, "0" if self.language == "es" and abs(number) < 10_000 else "#,##0")

    def decimal(self, number: float, digits: int = 2, *, signed: bool = False) -> str:
        """A number with ``digits`` decimals, a true minus sign, and a plus sign if asked for; never minus zero."""
        return self._written(number, f"{0:.{digits}f}", signed=signed)

    def short(self, number: float) -> str:
        """A number with the decimals that it has, six at most: ``0,2``."""
        return self._written(number, "0.######")

    def percent(self, share: float, *, digits: int = 1, signed: bool = False) -> str:
        """A share of 1 as a percentage; a signed one is a difference, in percentage points."""
        if signed:
            return self.decimal(100 * share, digits, signed=True) + _SPACE + self("points")
        pattern = self._locale.percent_formats[None].pattern.replace("#,##0", f"{0:.{digits}f}")
        return self._written(share, pattern)

    def _written(self, number: float, pattern: str, *, signed: bool = False) -> str:
        text = format_decimal(abs(number), pattern, locale=self._locale)
        is_zero = not any(digit in text for digit in "123456789")
        return ("" if is_zero else _MINUS if number < 0 else "+" if signed else "") + text

    def figure(self, number: float, kind: Unit, *, signed: bool = False, unit: bool = True) -> str:
        """A coefficient from -1 to 1, a number of points, or a share as a percentage.

        A difference of shares is written with its ``unit`` or without.
        """
        if kind != "share":
            return self.decimal(number, 2 if kind == "coefficient" else 1, signed=signed)
        return (
            self.percent(number, signed=signed) if unit or not signed else self.decimal(100 * number, 1, signed=True)
        )

    def tick(self, number: float, kind: Unit) -> str:
        """A value on an axis, as short as it can be: ``0,5``, ``1`` or ``20 %``."""
        if kind == "share":
            return self.percent(number, digits=0)
        return self.decimal(number, 1 if number % 1 else 0)

    def interval(self, estimate: Estimate | Share, kind: Unit, *, signed: bool = False) -> str:
        """``[0,59; 0,70]``, shares in percent without the sign; empty if there is none."""
        if estimate.low is None or estimate.high is None:
            return ""
        factor, digits = {"coefficient": (1, 2), "share": (100, 1), "points": (1, 1)}[kind]
        low, high = (self.decimal(factor * end, digits, signed=signed) for end in (estimate.low, estimate.high))
        return f"[{low}{';' if self.language == 'es' else ','} {high}]"

    def measured(self, estimate: Estimate, kind: Unit = "coefficient") -> str:
        """A figure with its 95% interval, or "n/a" ("n/d") with the reason; a missing interval has its reason too."""
        reason = self.named("reason", estimate.reason) if estimate.reason else ""
        if estimate.value is None:
            return f"{self('na')} ({reason})"
        return f"{self.figure(estimate.value, kind)} {self.interval(estimate, kind) or f'({reason})'}"

    def p_value(self, p: float) -> str:
        """``p = 0,42``, or ``p < 0,001`` below that."""
        sign = "<" if p < 0.001 else "="
        return f"p{_SPACE}{sign}{_SPACE}{self.decimal(max(p, 0.001), 3)}"

    def type(self, name: str) -> str:
        """H4rmony's types in this language; any other type keeps its name."""
        return self.named("type", name) if name else self("no_type")

    def variety(self, code: str) -> str:
        """A variety with its country's name: ``es-MX (México)``; the empty one is not stated."""
        if not code:
            return self("not_stated")
        country = self._locale.territories.get(code.rpartition("-")[2])
        return f"{code} ({country})" if country else code

    def issue(self, code: str) -> str:
        """The title of an issue code; a code that is not H4rmony's is its own title."""
        if not code:
            return self("no_issue")
        title = self.named("issue", code)
        return title[0].upper() + title[1:] if title != code else code


@dataclass(frozen=True)
class _Count:
    """A number to fill into a string."""

    number: int
    written: str

    def __format__(self, words: str) -> str:
        one, _, more = words.partition("|")
        return f"{self.written} {one if self.number == 1 else more}" if words else self.written


def catalogue(language: Language) -> dict[str, str]:
    """All strings of a language by key."""
    path = files("exports") / "words" / f"{language}.json"
    strings: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return strings
