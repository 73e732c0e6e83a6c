"""The glossary: ecolinguistic terms with the Spanish that this project prefers, and the variants it accepts.

``workspace/memory/glossary.csv`` is ours; its columns are ``source``, ``target`` (the preferred one first, accepted
variants after " | ") and ``note``. How terms are found (pure rules):

- a source term is found in a text as whole words, whatever their case, in the singular or the simple plural
  (``wetland``, ``wetlands``; ``commodity``, ``commodities``), with spaces or hyphens between its words
- a term that is part of a longer one counts only as the longer one (``carbon`` not in ``carbon sink``)
- a target is found in a translation if its words follow each other there, whatever their case, accents and endings
  of up to three letters (``especie clave``, ``especies clave``; ``ecocéntrico``, ``ecocéntricas``)
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from workspace.errors import DataError

COLUMNS = ("source", "target", "note")
SEPARATOR = " | "
OWN = files("workspace.memory") / "glossary.csv"
LANGUAGE = "es"  # the language of the glossary's targets
_BEGINNING = 4  # letters of a word by which terms are looked up
_EXACT = 3  # words up to this length have no endings
_ARTICLES = {"de": "de(?:l| la| los| las| su| sus)?", "del": "de(?:l| los)?", "la": "l[ao]s?", "los": "l[ao]s?"}


@dataclass(frozen=True)
class Term:
    """A source term, its targets (the preferred one first, at least one) and a note for people (may be empty)."""

    source: str
    targets: tuple[str, ...]
    note: str = ""

    @property
    def target(self) -> str:
        """The preferred target."""
        return self.targets[0]


def load_glossary(path: Path | None = None) -> tuple[Term, ...]:
    """The terms of a glossary, sorted by source; without ``path`` those of this project.

    Raises:
        DataError: the file cannot be read, has other columns, or a term is blank or appears twice; names the line.
    """
    file = path or OWN
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: not UTF-8 text; save the file as UTF-8") from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror})") from error
    return _parse(text, str(file))


def found_terms(source: str, glossary: Iterable[Term]) -> list[Term]:
    """The terms that occur in a source text, in the glossary's order; a longer term hides those inside it."""
    beginnings = {word[:_BEGINNING].casefold() for word in {*_words(source)}}
    likely = [term for term in glossary if _beginning(term.source) in beginnings]  # few patterns are tried on a text
    spans: list[tuple[int, int]] = []
    found: set[Term] = set()
    for term in sorted(likely, key=lambda term: -len(term.source)):
        for match in _source_pattern(term.source).finditer(source):
            if not any(start < match.end() and match.start() < end for start, end in spans):
                spans.append(match.span())
                found.add(term)
    return [term for term in likely if term in found]


def missed_terms(source: str, translation: str, glossary: Iterable[Term]) -> list[Term]:
    """The terms of a source text of which no target occurs in the translation."""
    found = found_terms(source, glossary)
    if not found:
        return []
    folded = _fold(translation)
    return [term for term in found if not any(_target_pattern(target).search(folded) for target in term.targets)]


@cache
def _parse(text: str, name: str) -> tuple[Term, ...]:
    reader = csv.DictReader(text.splitlines(), strict=True)
    terms: dict[str, Term] = {}
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise DataError(f"{name}: its columns must be {', '.join(COLUMNS)}, got {reader.fieldnames}")
        for row in reader:
            term = _term(row, f"{name}, line {reader.line_num}")
            if term.source.casefold() in terms:
                raise DataError(f"{name}, line {reader.line_num}: {term.source!r} appears twice; keep one line")
            terms[term.source.casefold()] = term
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}: not CSV ({error})") from error
    return tuple(terms[source] for source in sorted(terms))


def _term(row: dict[str | None, str | None], where: str) -> Term:
    if None in row:
        raise DataError(f"{where}: more than {len(COLUMNS)} cells; put a cell that holds a comma in quotes")
    source, target, note = ((row.get(column) or "").strip() for column in COLUMNS)
    targets = tuple(part.strip() for part in target.split(SEPARATOR.strip()) if part.strip())
    if not source or not targets:
        raise DataError(f"{where}: a term needs a source and a target")
    return Term(source, tuple(dict.fromkeys(targets)), note)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


@cache
def _beginning(source: str) -> str:
    """How a term's first word begins."""
    return (_words(source) or [source])[0][:_BEGINNING].casefold()


@cache
def _source_pattern(source: str) -> re.Pattern[str]:
    *first, last = _words(source) or [source]
    if last.lower().endswith("s"):  # a plural term also matches the singular: "living beings", "commons"
        ending = f"{re.escape(last[:-1])}s?" if len(last) > 4 and not last.lower().endswith("ss") else re.escape(last)
    elif last.lower().endswith("y"):
        ending = f"{re.escape(last[:-1])}(?:y|ies)"
    else:
        ending = f"{re.escape(last)}(?:e?s)?"
    body = r"[\s-]+".join([*map(re.escape, first), ending])
    return re.compile(rf"(?<![\w-]){body}(?![\w-])", re.IGNORECASE)


@cache
def _target_pattern(target: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + r"[\s-]+".join(_inflected(_words(_fold(target)))) + r"(?!\w)")


def _inflected(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word in _ARTICLES:
            yield _ARTICLES[word]
        elif len(word) <= _EXACT:
            yield re.escape(word)
        elif word[-1] == "z":
            yield re.escape(word[:-1]) + r"(?:z|c\w{1,3})"
        else:
            stem = re.sub(r"(?<=\w{3})[aeo]?s?$", "", word)
            yield re.escape(stem) + r"\w{0,3}"


def _fold(text: str) -> str:
    """Lower case without accents; ñ stays, because it is a letter of its own."""
    kept = text.casefold().replace("ñ", "\x00")
    plain = "".join(c for c in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(c))
    return plain.replace("\x00", "ñ")
