"""The Argilla datasets that reviewers see: their fields, questions, metadata and guidelines.

There are two kinds. A dataset for ``review`` has records whose answers are ranked; one for ``grades`` has one answer
of a model a record, which people grade. Both show texts in the same way.

Names are the contract; titles, templates and guidelines are in Spanish, in ``workspace/argilla/templates``. What the
data says in codes has its Spanish names in ``workspace/argilla/names.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, Literal

from workspace.argilla.names import NAMES
from workspace.errors import DataError
from workspace.model.conversations import Role
from workspace.model.records import content_hash
from workspace.model.slots import letters

Kind = Literal["review", "grades"]
REVIEW: Kind = "review"
PROMPT, ANSWERS, ANSWER = "prompt", "answers", "answer"
CONTEXT = "context"  # in the field of the prompt: what came before it, where there is any
ROLE_TITLES: dict[Role, str] = {"system": "Instrucciones", "user": "Usuario", "assistant": "Asistente"}
VECTOR = "prompt"  # the vector field that "find similar" uses
RANKING, PROBLEMS, PROMPT_TEXT, COMMENT = "ranking", "problemas", "prompt_text", "comment"
TOPICS = "temas"  # a question of the datasets that ask for the issue codes
GRADE, REASON = "grade", "reason"
CANNOT_JUDGE = "cannot_judge"
GRADE_TITLES = {"good": "Buena", "regular": "Regular", "bad": "Mala", CANNOT_JUDGE: "No se puede juzgar"}
MOST_GUIDELINES = 10_000  # characters that Argilla takes
BATCH = "batch"
_MARK = "h4rmony_guidelines"  # in the dataset's own metadata
NAME_MARK = "h4rmony_name"  # there too: what the dataset was called when it was made
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


def guidelines(kind: Kind = "review") -> str:
    """What reviewers are told, or those who grade answers."""
    return _read("guidelines.es.md" if kind == "review" else "grading.es.md")


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


def guidelines_part(own: str | None, kind: Kind = "review") -> dict[str, Any]:
    """The guidelines as Argilla's API takes them, with a mark that tells ours from a team's own."""
    text = own or guidelines(kind)
    return {"guidelines": text, "metadata": {_MARK: "own" if own else content_hash(text)}}


def has_our_guidelines(about: dict[str, Any], kind: Kind = "review") -> bool:
    """Whether a dataset's guidelines are ours, of any version, and nobody has edited them in Argilla.

    Datasets of earlier versions have no mark; theirs are ours if they begin as ours do.
    """
    text, mark = about["guidelines"] or "", (about["metadata"] or {}).get(_MARK)
    begins = guidelines(kind).partition("\n")[0]
    return text.startswith(begins) if mark is None else bool(mark == content_hash(text))


def prompt_template() -> str:
    """The HTML that shows a prompt."""
    return fill(
        "frame.html",
        comment="enunciado del registro elegido",
        title=PROMPT_TITLE,
        card="padding:9px 16px",
        style=_read("prompt.css") + _read("before.css"),
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


def grading_template(name: str, title: str) -> str:
    """The HTML that shows the prompt or the answer of a record whose answer is graded, in its own language."""
    is_prompt = name == PROMPT
    return fill(
        "frame.html",
        comment="enunciado del registro elegido" if is_prompt else "respuesta del registro elegido",
        title=title,
        card="padding:9px 16px" if is_prompt else "padding:0;border:0;background:none",
        style=_read("prompt.css") if is_prompt else _read("answers.css") + _read("graded.css"),
        body=Template(_read("graded.html")).substitute(name=name, title=title),
    )


@dataclass(frozen=True)
class Form:
    """What a dataset of one kind asks of records that show ``count`` answers; with ``topics`` of their issues too."""

    kind: Kind
    count: int
    topics: bool = False

    def parts(self) -> dict[str, list[dict[str, Any]]]:
        """The fields and questions as Argilla's API takes them."""
        return grading_form() if self.kind == "grades" else review_form(self.count, topics=self.topics)


def grading_form() -> dict[str, list[dict[str, Any]]]:
    """The fields and questions of a dataset of answers to grade. Nothing is filled in."""
    titles = {PROMPT: PROMPT_TITLE, ANSWER: "Respuesta"}
    grades = _options("label_selection", GRADE_TITLES) | {"visible_options": len(GRADE_TITLES)}
    return {
        "fields": [_custom(name, title, grading_template(name, title)) for name, title in titles.items()],
        "questions": [
            _part(GRADE, "¿Cómo es la respuesta?", grades),
            _part(REASON, "Por qué (opcional)", {"type": "text", "use_markdown": False}, required=False),
        ],
    }


def review_form(count: int, *, topics: bool = False) -> dict[str, list[dict[str, Any]]]:
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
            _custom(PROMPT, PROMPT_TITLE, prompt_template()),
            _custom(ANSWERS, "Respuestas", answers_template(count, topics=topics)),
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


def _custom(name: str, title: str, template: str) -> dict[str, Any]:
    return _part(name, title, {"type": "custom", "template": template, "advanced_mode": False})


def _part(name: str, title: str, settings: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "title": title, "required": required, "settings": settings}


def _options(kind: str, titles: dict[str, str]) -> dict[str, Any]:
    return {"type": kind, "options": [{"value": value, "text": text} for value, text in titles.items()]}


def _read(name: str) -> str:
    return (files("workspace.argilla") / "templates" / name).read_text(encoding="utf-8")
