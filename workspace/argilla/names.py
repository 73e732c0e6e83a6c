"""The Spanish names of what the data says in codes, as reviewers read them on a record and in the filters.

A record keeps its codes, and ``collect`` returns them; a code without a name is shown as it is. The issues are those
of H4rmony (github.com/Neovalle/H4rmony, ``data/EcologicalIssuesClassification.xlsx``, MIT), translated here; the
types are those of its column ``Type``; the flags are those of ``loaders/check/flags.py``.
"""

from __future__ import annotations

# metadata property -> code -> name; Argilla's page writes filters into its address, so no name has a dot or a comma
NAMES = {
    "issues": {
        "PWM": "Contaminación y gestión de residuos",
        "CCEU": "Cambio climático y uso de la energía",
        "NRMB": "Recursos naturales y biodiversidad",
        "WA": "Vida silvestre y agricultura",
        "SC": "Retos sociales",
    },
    "type": {"Question": "Pregunta", "Prompt": "Instrucción", "Instruction": "Instrucción"},
    "flags": {
        "untranslated": "Sin traducir",
        "wrong_language": "En otro idioma",
        "length_ratio": "Muy corta o muy larga",
        "markup_changed": "Código o fórmula con cambios",
        "missing_inverted": "Falta ¿ o ¡",
        "numbers_lost": "Falta un número",
        "urls_lost": "Falta una dirección web",
        "glossary_missed": "No sigue el glosario",
        "truncated": "Cortada",
        "repeated": "Repite palabras",
        "unknown_words": "Palabras desconocidas",
    },
}
