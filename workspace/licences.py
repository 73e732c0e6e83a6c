"""Under which licence a model is, and whether data made with it may be used commercially.

H4rmony is CC BY 4.0, which allows commercial use. What is made with a model whose licence does not, or is not known,
cannot be passed on under H4rmony's licence alone, so every text that a model made says what its licence is. Licences
are named by their SPDX ids, ``NOASSERTION`` where nobody has stated one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import ConfigError

NOASSERTION = "NOASSERTION"


@dataclass(frozen=True)
class Licence:
    """A licence by its SPDX id (``NOASSERTION`` where nothing is known), and what it is the licence of.

    ``commercial`` is False where commercial use is forbidden, or where it is not known to be allowed.
    """

    name: str
    commercial: bool = True
    note: str = ""

    def __str__(self) -> str:
        """As a record's metadata has it, for instance ``CC-BY-4.0``."""
        return f"{self.name} ({self.note})" if self.note else self.name


UNKNOWN = Licence(NOASSERTION, commercial=False, note="the model states no licence")

# The licences that model cards name, by their SPDX id; the Hub writes them in lower case.
_FREE = ("Apache-2.0", "MIT", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0")
_NON_COMMERCIAL = ("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0")
SPDX = {name.lower(): Licence(name, commercial=name in _FREE) for name in (*_FREE, *_NON_COMMERCIAL)}
# The beginning of a model's Hub id, in lower case -> its licence; the first that fits counts.
_MODELS = {
    "helsinki-nlp/opus-mt-tc-": SPDX["cc-by-4.0"],
    "helsinki-nlp/opus-mt-en-es": SPDX["apache-2.0"],
    "bsc-lt/salamandrata-": SPDX["apache-2.0"],
    "facebook/nllb-": SPDX["cc-by-nc-4.0"],
}
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---", re.DOTALL)
_CARD_FIELD = r"^{}:[ \t]*[\"']?([\w.+-]+)[\"']?[ \t]*$"
_NAME = re.compile(r"[A-Za-z0-9][\w.+ ()/:-]{0,95}", re.ASCII)


def licence_named(name: str) -> Licence:
    """The licence of that name, in whatever case; one that this project does not know may forbid commercial use.

    >>> licence_named("apache-2.0"), licence_named("gpt-4-terms").commercial
    (Licence(name='Apache-2.0', commercial=True, note=''), False)
    """
    return SPDX.get(name.lower(), Licence(name, commercial=False))


def given_licence(name: str) -> Licence:
    """The licence that the user names with ``--model-licence``.

    Raises:
        ConfigError: it is not an SPDX id, nor another short name.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"--model-licence {name!r}: give an SPDX id such as Apache-2.0, or a short name such as gpt-4-terms, in "
            "letters, digits and - . + / : ( )"
        )
    return licence_named(name)


def model_licence(model: str, folder: Path | None = None) -> Licence | None:
    """The licence that the card in ``folder`` names, else what is known of the Hub id; None if neither says."""
    stated = card_licence(folder) if folder else None
    return stated or next((found for start, found in _MODELS.items() if model.lower().startswith(start)), None)


def card_licence(folder: Path) -> Licence | None:
    """The licence in the front matter of ``folder/README.md``, by its name if it is "other"; None if it has none."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    front = _FRONT_MATTER.match(text)
    name = _field(front[1], "license") if front else None
    if front and name == "other":
        name = _field(front[1], "license_name") or name
    return licence_named(name) if name else None


def _field(front: str, name: str) -> str | None:
    found = re.search(_CARD_FIELD.format(name), front, re.MULTILINE)
    return found[1] if found else None
