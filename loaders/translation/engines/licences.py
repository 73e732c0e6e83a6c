"""Which licence an engine's model has, and whether data made with it may be used commercially.

H4rmony is CC BY 4.0, which allows commercial use, so what is made with a non-commercial model cannot be passed on
under H4rmony's licence: such a model is refused unless the user accepts it, and so is one whose licence is not known.
Each record says in ``metadata["translation_licence"]`` under what its translation was made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import ConfigError


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


APERTIUM = Licence("GPL-2.0-or-later", note="program; no claim on output")
NONE = Licence("NOASSERTION", note="no translation")
UNKNOWN = Licence("NOASSERTION", commercial=False, note="the model states no licence")
FROM_FILE = Licence("NOASSERTION", note="translations given in a file")
PROVIDER = Licence("NOASSERTION", note="the provider's terms of use hold")

# The licences that model cards name, by their SPDX id.
_FREE = ("Apache-2.0", "MIT", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0")
_NON_COMMERCIAL = ("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0")
# by the Hub's name
_SPDX = {name.lower(): Licence(name, commercial=name in _FREE) for name in (*_FREE, *_NON_COMMERCIAL)}
# The beginning of a model's Hub id, in lower case -> its licence; the first that fits counts.
_MODELS = {
    "helsinki-nlp/opus-mt-tc-": _SPDX["cc-by-4.0"],
    "helsinki-nlp/opus-mt-en-es": _SPDX["apache-2.0"],
    "bsc-lt/salamandrata-": _SPDX["apache-2.0"],
    "facebook/nllb-": _SPDX["cc-by-nc-4.0"],
}
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---", re.DOTALL)
_CARD_LICENCE = re.compile(r"^license:[ \t]*[\"']?([\w.+-]+)[\"']?[ \t]*$", re.MULTILINE)


def model_licence(model: str, folder: Path | None = None) -> Licence | None:
    """The licence that the card in ``folder`` names, else what is known of the Hub id; None if neither says."""
    stated = card_licence(folder) if folder else None
    return stated or next((found for start, found in _MODELS.items() if model.lower().startswith(start)), None)


def card_licence(folder: Path) -> Licence | None:
    """The licence in the front matter of ``folder/README.md``; None if it names none.

    A licence that this project does not know is taken for one that may forbid commercial use.
    """
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    front = _FRONT_MATTER.match(text)
    name = _CARD_LICENCE.search(front[1]) if front else None
    return _SPDX.get(name[1].lower(), Licence(name[1], commercial=False)) if name else None


def label_licence(label: str) -> Licence:
    """Under what translations were made, as far as the label of their engine says: its name and its version."""
    engine, _, version = label.partition(" ")
    if engine == "apertium":
        return APERTIUM
    return model_licence(version) or (PROVIDER if engine == "openai" else FROM_FILE)


def check_licence(licence: Licence, what: str, *, accepted: bool) -> None:
    """Refuse what forbids commercial use, unless the user has accepted it.

    Raises:
        ConfigError: says which licence, and how to accept it.
    """
    if licence.commercial or accepted:
        return
    forbids = "states no licence" if licence is UNKNOWN else f"is licensed under {licence.name}"
    raise ConfigError(
        f"{what} {forbids}, and commercial use of data made with it is not known to be allowed, while H4rmony is "
        "CC BY 4.0; choose another model, or give --accept-licence and publish the data accordingly"
    )
