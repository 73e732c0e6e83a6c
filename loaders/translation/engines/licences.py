"""Under which licence an engine translates: that of its model or program.

What is made with a non-commercial model cannot be passed on under H4rmony's licence: such a model is refused unless
the user accepts it, and so is one whose licence is not known (``workspace/licences.py``). Each record says in
``metadata["translation_licence"]`` under what its translation was made.
"""

from __future__ import annotations

from workspace.errors import ConfigError
from workspace.licences import NOASSERTION, UNKNOWN, Licence, model_licence

APERTIUM = Licence("GPL-2.0-or-later", note="program; no claim on output")
NONE = Licence(NOASSERTION, note="no translation")
FROM_FILE = Licence(NOASSERTION, note="translations given in a file")
PROVIDER = Licence(NOASSERTION, note="the provider's terms of use hold")


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
