"""Tell languages apart, with py3langid's model, which comes inside the package.

Only languages that a translation may be mistaken for are asked about. Short texts and kin (Galician and Spanish) are
hard to tell, so the answer is "another language" only where the model is nearly sure.

Of a source, ``tell_languages`` finds what is in the target language already and needs no translation. Each record,
or row of a table, is in the language that its column ``language``, ``lang`` or ``idioma`` says, else in the one that
all its texts together show, else in the one that the user says for such records, else in the one that all others of
the source are in, or where there are no others all of them together show, unless its own texts rather speak for
another. What is then not told, or is in a third language, is refused before anything is translated; where nothing is
(the engine "none"), it is only stated. Texts without a letter are in no language and never refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from loaders.translation.engines.none import NoTranslator
from loaders.translation.engines.protocol import Translator
from workspace.errors import ConfigError, DataError, count_of
from workspace.model.h4rmony import LANGUAGE_COLUMNS, stated_language
from workspace.model.languages import LANGUAGES

_ASKED = frozenset(LANGUAGES) - {"qu"}
SURE = 0.9  # share of the likeliest language
UNLIKELY = 0.02  # share of the wanted one
END = 250  # characters at each end of a long text that are looked at
FEWEST_LETTERS = 20  # in a whole text
FEWEST_LETTERS_OF_A_LINE = 60  # in a line of a longer text


@dataclass(frozen=True)
class Sample:
    """What tells the language of a record or a row: its name, its columns and its texts."""

    name: str
    columns: Mapping[str, Any]
    texts: Sequence[str]


@dataclass(frozen=True)
class Told:
    """The names of the ``originals``, and what the engine cannot translate; None where there is nothing of it."""

    originals: frozenset[str]
    refusal: DataError | None = None


def tell_languages(samples: Iterable[Sample], translator: Translator, source_language: str | None = None) -> Told:
    """Find those that are in the target language already, by the rules in the module's docstring.

    Args:
        samples: the records or rows that would be translated.
        translator: goes from one language to the other.
        source_language: that of the samples whose language nothing else tells.

    Raises:
        DataError: one is in neither language, or nothing tells; not where nothing is translated (the engine "none").
        ConfigError: the translator does not go from ``source_language``.
    """
    source, target = translator.source_language, translator.target_language
    if source_language not in (None, source, target):
        raise ConfigError(
            f"--source-language {source_language}: the {translator.engine} translator goes from {source} to {target}"
        )
    told: dict[str, str] = {}
    unsure: dict[str, tuple[str, set[str]]] = {}  # those not told: their text, and what it may be
    for sample in samples:
        text = "\n".join(sample.texts)
        shown, possible = _shown_language(text, source, target)
        if source_language and shown not in (source, target):
            shown = source_language
        if language := stated_language(sample.columns) or shown:
            told[sample.name] = language
        elif _letters(text):
            unsure[sample.name] = text, possible
    refused = {name: language for name, language in told.items() if language not in (source, target)}
    common = {*told.values()}
    if unsure and not common:
        all_unsure = "\n".join(text for text, _ in unsure.values())
        common = {_shown_language(all_unsure, source, target)[0] or ""}
    for name, (_, possible) in unsure.items():
        if len(common) == 1 and common <= possible:
            (told[name],) = common
        else:
            refused[name] = ""
    refusal = _refusal(refused, source, target) if refused else None
    if refusal and not isinstance(translator, NoTranslator):
        raise refusal
    return Told(frozenset(name for name, language in told.items() if language == target), refusal)


def _refusal(refused: Mapping[str, str], source: str, target: str) -> DataError:
    name, language = next(iter(refused.items()))
    others = f" (and {count_of(len(refused) - 1, 'other')} like it)" if len(refused) > 1 else ""
    if language:
        return DataError(
            f"{name}{others} is in {language}, and the translator goes from {source} to {target}; leave it out, or "
            f"give --source-language {language} with a translator from it"
        )
    return DataError(
        f"{name}{others}: neither a column ({', '.join(LANGUAGE_COLUMNS)}) nor the texts tell the language; give "
        f"--source-language {source} or {target}, which is then that of all such records"
    )


def _shown_language(text: str, source: str, target: str) -> tuple[str | None, set[str]]:
    """The language that a text shows, or None; and which of the two it may be, if it shows none.

    It shows one of the two if that is the likeliest of all languages and has 0.9 of what both have together, and a
    third language if that has 0.9, from 20 letters on. It may be what is at least half as likely as the other.
    """
    shares = dict(_model(*sorted({source, target} - _ASKED)).rank(_ends(text)))
    best, both = next(iter(shares)), {language: shares.get(language, 0.0) for language in (source, target)}
    is_told = shares[best] >= SURE * (sum(both.values()) if best in both else 1)
    possible = {language for language, share in both.items() if share >= max(both.values()) / 2}
    return best if is_told and _letters(text) >= FEWEST_LETTERS else None, possible


def is_other_language(text: str, language: str) -> bool:
    """True if the text, or a line of it, is in another language than ``language``.

    The likeliest language has a share of 0.9 or more and ``language`` less than 0.02: in the whole text if it has 20
    letters (of a long one, in its beginning and its end together), or in a line of 60. A language that the model does
    not know (Asturian) is never told apart.
    """
    model = _model(*({language} - _ASKED))
    ends = _ends(text)
    if _letters(ends) >= FEWEST_LETTERS and _is_other(model, ends, language):
        return True
    lines = text.split("\n")
    return len(lines) > 1 and any(
        _letters(line) >= FEWEST_LETTERS_OF_A_LINE and _is_other(model, line, language) for line in lines
    )


@cache
def _model(*others: str) -> Any:
    """The model, restricted to the languages that are asked about and ``others``, as far as it knows them."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(sorted((_ASKED | {*others}) & set(model.labels)))
    return model


def _is_other(model: Any, text: str, language: str) -> bool:
    (best, share), *_ = shares = model.rank(text)
    return bool(best != language and share >= SURE and dict(shares).get(language, 1.0) < UNLIKELY)


def _ends(text: str) -> str:
    """The beginning and the end of a long text; a short one whole."""
    return text if len(text) <= 2 * END else f"{text[:END]}\n{text[-END:]}"


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
