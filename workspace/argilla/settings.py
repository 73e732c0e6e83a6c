"""The Argilla dataset that reviewers see (contract 2): its fields, questions, metadata and guidelines.

Names are the contract; titles, templates and guidelines are in Spanish, in ``workspace/argilla/templates``. What the
data says in codes has its Spanish names in ``workspace/argilla/names.py``.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from workspace.argilla.names import NAMES
from workspace.errors import DataError
from workspace.model.records import content_hash
from workspace.model.slots import letters

PROMPT, ANSWERS = "prompt", "answers"
VECTOR = "prompt"  # the vector field that "find similar" uses
RANKING, PROBLEMS, PROMPT_TEXT, COMMENT = "ranking", "problemas", "prompt_text", "comment"
TOPICS = "temas"  # a question of the datasets that ask for the issue codes
MOST_GUIDELINES = 10_000  # characters that Argilla takes
BATCH = "batch"
_MARK = "h4rmony_guidelines"  # in the dataset's own metadata
PROMPT_TITLE = "Enunciado"  # a prompt may be a question, an instruction or a statement
PROBLEM_TITLES = {
    "bad_translation": "Mal español o mala traducción",
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
    "unsuggested": ("Por escribir", True),
    "glossary": ("Glosario", True),
    BATCH: ("Lote", True),
    "slots": ("Orden de las letras", False),
    "mode": ("Modo", False),
    "source_hash": ("Huella del original", False),
    "translation_hash": ("Huella de la traducción", False),
}


def answer_text(slot: str) -> str:
    """The name of the question that holds the Spanish of the answer in ``slot``."""
    return f"answer_{slot}_text"


def answer_title(slot: str) -> str:
    """What reviewers call the answer in ``slot``."""
    return f"Respuesta {slot.upper()}"


def question_names(count: int, *, topics: bool = False) -> list[str]:
    """The questions of a dataset whose records have ``count`` answers, in the order of the form."""
    asked = [RANKING, PROBLEMS, *([TOPICS] if topics else [])]
    return [*asked, PROMPT_TEXT, *(answer_text(slot) for slot in letters(count)), COMMENT]


def guidelines() -> str:
    """What reviewers are told."""
    return _read("guidelines.es.md")


def read_guidelines(path: Path) -> str:
    """A team's own guidelines, from a file of Markdown.

    Raises:
        DataError: it cannot be read, is blank, or is longer than Argilla takes.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    if not 0 < len(text.strip()) <= len(text) <= MOST_GUIDELINES:
        raise DataError(f"{path}: guidelines have from 1 to {MOST_GUIDELINES} characters, this file has {len(text)}")
    return text


def guidelines_part(own: str | None) -> dict[str, Any]:
    """The guidelines as Argilla's API takes them, with a mark that tells ours from a team's own."""
    text = own or guidelines()
    return {"guidelines": text, "metadata": {_MARK: "own" if own else content_hash(text)}}


def has_our_guidelines(about: dict[str, Any]) -> bool:
    """Whether a dataset's guidelines are ours, of any version, and nobody has edited them in Argilla.

    Datasets of earlier versions have no mark; theirs are ours if they begin as ours do.
    """
    text, mark = about["guidelines"] or "", (about["metadata"] or {}).get(_MARK)
    return text.startswith(guidelines().partition("\n")[0]) if mark is None else bool(mark == content_hash(text))


def prompt_template() -> str:
    """The HTML that shows a prompt."""
    return fill(
        "frame.html",
        comment="enunciado del registro elegido",
        title=PROMPT_TITLE,
        card="padding:9px 16px",
        style=_read("prompt.css"),
        body=_read("prompt.html"),
    )


def answers_template(count: int, *, topics: bool = False) -> str:
    """The HTML that shows ``count`` answers, one row each, and quietly below them what is known of the record.

    With ``topics`` the form asks for the topics, so the source's are not shown beside the question.
    """
    row, note = Template(_read("answer.html")), Template(_read("note.html"))
    rows = "".join(row.substitute(slot=slot, badge=slot.upper()) for slot in letters(count))
    below = ("unsuggested", *(() if topics else ("issues",)), "flags", "glossary")
    notes = "".join(note.substitute(name=name, title=METADATA[name][0]) for name in below)
    return fill(
        "frame.html",
        comment="respuestas del registro elegido",
        title="Respuestas",
        card="padding:0;border:0;background:none",
        style=_read("answers.css"),
        body=f'<div class="answers">\n{rows}</div>\n<div class="notes">{notes}</div>\n',
    )


def form(count: int, *, topics: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The fields and questions of a dataset whose records have ``count`` answers, as Argilla's API takes them.

    With ``topics`` there is a question for the issue codes.
    """
    slots = letters(count)
    texts = [(PROMPT_TEXT, PROMPT_TITLE), *((answer_text(slot), answer_title(slot)) for slot in slots)]
    ranking = _options("ranking", {slot: answer_title(slot) for slot in slots})
    problems = _options("multi_label_selection", PROBLEM_TITLES) | {"visible_options": len(PROBLEM_TITLES)}
    issues = _options("multi_label_selection", NAMES["issues"]) | {"visible_options": len(NAMES["issues"])}
    plain = {"type": "text", "use_markdown": False}
    return {
        "fields": [
            _part(name, title, {"type": "custom", "template": template, "advanced_mode": False})
            for name, title, template in (
                (PROMPT, PROMPT_TITLE, prompt_template()),
                (ANSWERS, "Respuestas", answers_template(count, topics=topics)),
            )
        ],
        "questions": [
            _part(RANKING, f"Ordena: 1 la mejor, {count} la peor", ranking),
            _part(PROBLEMS, "Problemas", problems, required=False),
            *([_part(TOPICS, METADATA["issues"][0], issues, required=False)] if topics else []),
            *(_part(name, title, plain) for name, title in texts),
            _part(COMMENT, "Comentario", plain, required=False),
        ],
    }


def metadata_property(name: str) -> dict[str, Any]:
    """A property of ``METADATA`` as Argilla's API takes it."""
    title, visible = METADATA[name]
    kind = "float" if name == "adequacy" else "terms"
    return {"name": name, "title": title, "settings": {"type": kind}, "visible_for_annotators": visible}


def fill(template: str, **parts: str) -> str:
    """A template of ``workspace/argilla/templates`` with its parts filled in."""
    return Template(_read(template)).substitute(parts)


def _part(name: str, title: str, settings: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "title": title, "required": required, "settings": settings}


def _options(kind: str, titles: dict[str, str]) -> dict[str, Any]:
    return {"type": kind, "options": [{"value": value, "text": text} for value, text in titles.items()]}


def _read(name: str) -> str:
    return (files("workspace.argilla") / "templates" / name).read_text(encoding="utf-8")
