"""The Argilla dataset that reviewers see (contract 2): its fields, questions, metadata and guidelines.

Names are the contract; titles, templates and guidelines are in Spanish, in ``workspace/argilla/templates``.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from workspace.memory.glossary import glossary_table, load_glossary
from workspace.model.slots import letters

if TYPE_CHECKING:
    import argilla as rg

PROMPT, ANSWERS = "prompt", "answers"
VECTOR = "prompt"  # the vector field that "find similar" uses
RANKING, PROBLEMS, PROMPT_TEXT, COMMENT = "ranking", "problemas", "prompt_text", "comment"
PROBLEM_TITLES = {
    "bad_translation": "Mala traducción",
    "not_rankable": "No se puede ordenar",
    "false_fact": "Dato falso",
    "harmful": "Contenido dañino",
}
# metadata property -> (title, what reviewers may filter and sort by)
METADATA = {
    "issues": ("Temas", True),
    "type": ("Tipo", True),
    "adequacy": ("Adecuación", True),
    "flags": ("Avisos", True),
    "slots": ("Orden de las letras", False),
    "mode": ("Modo", False),
    "source_hash": ("Huella del original", False),
    "translation_hash": ("Huella de la traducción", False),
}


def answer_text(slot: str) -> str:
    """The name of the question that holds the Spanish of the answer in ``slot``."""
    return f"answer_{slot}_text"


def question_names(count: int) -> list[str]:
    """The questions of a dataset whose records have ``count`` answers, in the order of the form."""
    return [RANKING, PROBLEMS, PROMPT_TEXT, *(answer_text(slot) for slot in letters(count)), COMMENT]


def guidelines() -> str:
    """What reviewers are told, with the glossary's preferred terms at the end."""
    return _read("guidelines.es.md") + "\n" + glossary_table(load_glossary())


def prompt_template() -> str:
    """The HTML that shows a prompt."""
    return fill(
        "frame.html",
        comment="pregunta del registro elegido",
        title="Pregunta",
        card="padding:10px 16px 12px",
        style=_read("prompt.css"),
        body=_read("prompt.html"),
    )


def answers_template(count: int) -> str:
    """The HTML that shows ``count`` answers, one row each."""
    row = Template(_read("answer.html"))
    rows = "".join(row.substitute(slot=slot, badge=slot.upper()) for slot in letters(count))
    return fill(
        "frame.html",
        comment="respuestas del registro elegido",
        title="Respuestas",
        card="padding:0;border:0;background:none",
        style=_read("answers.css"),
        body=f'<div class="answers">\n{rows}</div>\n',
    )


def build_settings(count: int, min_submitted: int) -> rg.Settings:
    """The settings of a dataset whose records have ``count`` answers.

    A record is complete when ``min_submitted`` reviewers have submitted it. The SDK needs an ``rg.Argilla`` client
    before any setting is made.
    """
    import argilla as rg

    slots = letters(count)
    texts = [(PROMPT_TEXT, "Pregunta"), *((answer_text(slot), f"Respuesta {slot.upper()}") for slot in slots)]
    return rg.Settings(
        guidelines=guidelines(),
        fields=[
            rg.CustomField(PROMPT, title="Pregunta", template=prompt_template()),
            rg.CustomField(ANSWERS, title="Respuestas", template=answers_template(count)),
        ],
        questions=[
            rg.RankingQuestion(
                RANKING,
                values={slot: f"Respuesta {slot.upper()}" for slot in slots},
                title=f"Ordena: 1 la mejor, {count} la peor",
            ),
            rg.MultiLabelQuestion(PROBLEMS, labels=PROBLEM_TITLES, title="Problemas", required=False),
            *(rg.TextQuestion(name, title=title, use_markdown=False) for name, title in texts),
            rg.TextQuestion(COMMENT, title="Comentario", required=False, use_markdown=False),
        ],
        metadata=[
            (rg.FloatMetadataProperty if name == "adequacy" else rg.TermsMetadataProperty)(
                name, title=title, visible_for_annotators=visible
            )
            for name, (title, visible) in METADATA.items()
        ],
        allow_extra_metadata=True,
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )


def fill(template: str, **parts: str) -> str:
    """A template of ``workspace/argilla/templates`` with its parts filled in."""
    return Template(_read(template)).substitute(parts)


def _read(name: str) -> str:
    return (files("workspace.argilla") / "templates" / name).read_text(encoding="utf-8")
