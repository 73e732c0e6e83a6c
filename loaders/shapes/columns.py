"""Which column holds what: H4rmony's names, the three of a pair, and the names that others give theirs.

A column has one *part*: ``prompt``, ``chosen``, ``ratings`` and so on (``PARTS``). A column of a part's own name has
it; where there is none, a column of one of the names that the field uses (``NAMES``), in any case, with spaces or
hyphens for the underscores; and before both what the user says (``--map PART=COLUMN``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from loaders.source.table import Table
from workspace.errors import ConfigError, DataError, cut
from workspace.model.h4rmony import PAIR_COLUMNS, TEXT_COLUMNS

NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt": (
        *("instruction", "question", "query", "input", "user_prompt", "user_input", "prompt_text", "user_message"),
        "text_prompt",
        *("pregunta", "instruccion", "instrucción", "enunciado"),
    ),
    "system": ("system_prompt", "system_message", "system_instruction", "sistema"),
    "chosen": (
        *(
            "chosen_response",
            "response_chosen",
            "chosen_answer",
            "answer_chosen",
            "chosen_completion",
            "chosen_output",
        ),
        *("chosen_conversations", "chosen_conversation", "chosen_messages", "text_chosen"),
        *("preferred", "preferred_response", "preferred_answer", "preferred_output", "preferred_completion"),
        *(
            "better_response",
            "better_answer",
            "betteranswer",
            "accepted",
            "accepted_response",
            "elegida",
            "respuesta_elegida",
        ),
        *("preferida", "respuesta_preferida", "mejor", "mejor_respuesta", "response_j"),
    ),
    "rejected": (
        *("rejected_response", "response_rejected", "rejected_answer", "answer_rejected", "rejected_completion"),
        *("rejected_output", "dispreferred", "dispreferred_response", "dispreferred_output", "non_preferred"),
        *("non_preferred_response", "non_preferred_answer", "non_preferred_output", "non_preferred_completion"),
        *("worse_response", "worse_answer", "worseanswer", "response_k", "rechazada", "respuesta_rechazada"),
        *("rejected_conversations", "rejected_conversation", "rejected_messages", "text_rejected"),
        *("peor", "peor_respuesta"),
    ),
    "middle": ("ambivalent", "ambivalent_answer", "ambivalente", "intermedia"),
    "answers": ("generations", "completions", "responses", "candidates", "respuestas"),
    "ratings": ("scores", "rating", "score", "rewards", "puntuaciones"),
    "ranks": ("rank", "places", "rangos"),
    "order": (),
    "completion": ("response", "answer", "output", "generation", "model_response", "respuesta"),
    "label": ("desirable", "is_chosen", "is_desirable", "kto_tag", "if_chosen"),
    "answer_a": (),
    "answer_b": (),
    "preference": (
        *("winner", "preferred", "choice", "comparison", "vote", "verdict", "preferencia", "ganadora", "ganador"),
        *("mejor", "mejor_respuesta", "better_response_id", "safer_response_id"),
        *("overall_preference", "preference_strength"),
    ),
}
PARTS = tuple(NAMES)
# the columns that every pair of `h4rmony export` has
OF_AN_EXPORT = frozenset({"id", "record_id", "text_choice", "text_support"})
# columns that are a prompt only where they hold conversations
CONVERSATIONS = (("conversations", "conversation", "messages", "history"), ("context", "contents"))


@dataclass(frozen=True)
class Schema:
    """Which columns hold what, by the names that the source gives them; None for what it lacks."""

    prompt: str
    better: str
    worse: str | None
    prompt_id: str | None
    ranks: str | None
    is_pairs: bool

    @property
    def name(self) -> str:
        """What the summary calls it."""
        return "pairs" if self.is_pairs else "H4rmony"

    @cached_property
    def texts(self) -> tuple[tuple[str, str | None], ...]:
        """The known name of each text column, with the source's name for it."""
        known = PAIR_COLUMNS if self.is_pairs else TEXT_COLUMNS
        return tuple(zip(known, (self.prompt, self.better, self.worse), strict=True))

    @cached_property
    def renames(self) -> dict[str, str]:
        """Columns whose name differs from the known one in case or spaces: source name -> known name."""
        columns = (*self.texts, ("PromptID", self.prompt_id), ("ComparedRanks", self.ranks))
        return {given: known for known, given in columns if given is not None and given != known}


def find_schema(columns: Sequence[str]) -> Schema | None:
    """Which known schema the columns are: H4rmony's, or the three of a pair; the worse answer may be lacking.

    A name matches exactly, or else in case and surrounding spaces if only one column does. None if no schema fits.
    """
    for needs_worse in (True, False):
        for names in (TEXT_COLUMNS, PAIR_COLUMNS):
            prompt, better, worse = (_find(columns, name) for name in names)
            if prompt is not None and better is not None and (worse is not None) == needs_worse:
                ids = (_find(columns, "PromptID"), _find(columns, "ComparedRanks"))
                return Schema(prompt, better, worse, *ids, is_pairs=names == PAIR_COLUMNS)
    return None


@dataclass(frozen=True)
class Columns:
    """The columns of a table, by their part.

    Attributes:
        table: whose they are.
        told: what the user says: part -> column.
    """

    table: Table
    told: Mapping[str, str]

    def __post_init__(self) -> None:
        for part, column in self.told.items():
            if part not in PARTS:
                raise ConfigError(f"--map {part}={column}: no such part; give one of {', '.join(PARTS)}")
            if column not in self.table.columns:
                has = ", ".join(map(repr, self.table.columns[:30]))
                raise ConfigError(f"--map {part}={column}: {self.table.source} has no such column; it has {has}")

    def has(self, *parts: str) -> bool:
        """True if some column may have each of these parts."""
        return all(self._candidates[part] for part in parts)

    def find(self, part: str) -> str | None:
        """The column that has a part; None if there is none.

        Raises:
            DataError: several may have it; says which ``--map`` settles it.
        """
        found = self._candidates[part]
        if len(found) > 1:
            found = tuple(column for column in found if not self._is_blank(column)) or found[:1]
        if len(found) > 1:
            told = " or ".join(f"--map {part}={_quoted(column)}" for column in found)
            if {*map(plain, found)} == {"instruction", "input"}:
                told += "; where both are the prompt, as Alpaca has it, join them in a column 'prompt' before"
            raise DataError(
                f"{self.table.source}: its {part} may be in {' or in '.join(map(repr, found))}; give {told}"
            )
        return found[0] if found else None

    def need(self, part: str, shape: str) -> str:
        """The column that has a part which a shape cannot do without.

        Raises:
            DataError: there is none, or several may have it.
        """
        found = self.find(part)
        if found is None:
            has = cut(", ".join(map(repr, self.table.columns[:30])), 300)
            raise DataError(
                f"{self.table.source}: it has the columns of {shape}, but none that is its {part}; it has {has}; "
                f"give --map {part}=COLUMN"
            )
        return found

    def holding_conversations(self) -> str | None:
        """The column of conversations that may end with the prompt; None if there is none, or several."""
        for names in CONVERSATIONS:
            if found := [column for column in self.table.columns if plain(column) in names]:
                return found[0] if len(found) == 1 else None
        return None

    @cached_property
    def _candidates(self) -> dict[str, tuple[str, ...]]:
        return {part: tuple(self._named(part)) for part in PARTS}

    def _named(self, part: str) -> Iterable[str]:
        if part in self.told:
            return [self.told[part]]
        free = [column for column in self.table.columns if column not in self.told.values()]
        if own := _find(free, part):
            return [own]
        return [column for column in free if plain(column) in NAMES[part]]

    def _is_blank(self, column: str) -> bool:
        return not any(row.cells.get(column, "").strip() for row in self.table.rows)


def plain(column: str) -> str:
    """A name in lower case, with underscores for spaces and hyphens."""
    return column.strip().casefold().replace(" ", "_").replace("-", "_")


def _quoted(column: str) -> str:
    return column if column.isidentifier() else f"'{column}'"


def _find(columns: Sequence[str], name: str) -> str | None:
    if name in columns:
        return name
    alike = [column for column in columns if column.strip().casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None
