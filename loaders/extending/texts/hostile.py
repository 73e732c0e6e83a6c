"""What no reviewer should be shown: insults, attacks, code, and what nobody can see. Pure.

A list of insults finds coarse hate, not the polite kind: reviewers have ``harmful`` for that.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})  # categories of what nobody sees
_CODE = re.compile(r"[<>{}\\]|https?:|www\.|&\w+;", re.IGNORECASE)
_INSULTS = re.compile(  # no word that also names an animal, a plant or a thing
    r"\b(?:put[oa]s?|hij[oa]s? de perra|mierdas?|cabr[oó]n(?:es|as?)?|pendej[oa]s?|gilipollas|imb[eé]cil(?:es)?|"
    r"idiotas?|est[uú]pid[oa]s?|malparid[oa]s?|maric(?:[oó]n|ones)|subnormal(?:es)?|retrasad[oa]s? mental(?:es)?|"
    r"sudacas?|negrat[oa]s?|panchit[oa]s?|feminazis?|razas? inferior(?:es)?|infrahuman[oa]s?|"
    r"fuck\w*|shit|faggots?|nigg\w+|subhumans?)\b",
    re.IGNORECASE,
)
_PEOPLE = (
    r"(?:los|las|esos|esas|todos los|todas las) (?:pobres|indi\w+|ind[ií]gen\w+|inmigrantes|migrantes|extranjer\w+|"
    r"mujer\w*|negr\w+|jud[ií]\w+|musulman\w+|cristian\w+|gitan\w+|homosexual\w+|gays|trans|campesin\w+|ecologistas|"
    r"refugiad\w+|viej\w+|discapacitad\w+)"
)
_VIOLENCE = re.compile(
    rf"\b(?:matar|matemos|exterminar|exterminemos|eliminar|linchar|esterilizar) a {_PEOPLE}|"
    rf"{_PEOPLE} (?:no (?:merecen|deber[ií]an) (?:vivir|existir)|son (?:basura|par[aá]sitos|una plaga|inferiores))",
    re.IGNORECASE,
)


def hostile_problem(text: str) -> str | None:
    """Why nobody should be shown a text, or None.

    >>> hostile_problem("Habría que eliminar a los inmigrantes.")
    'it attacks people'
    """
    if any(unicodedata.category(character) in _HIDDEN for character in text.replace("\n", "")):
        return "it has characters that cannot be seen"
    if _CODE.search(text):
        return "it has code or an address of the web"
    if _INSULTS.search(text):
        return "it insults"
    if _VIOLENCE.search(text):
        return "it attacks people"
    return None
