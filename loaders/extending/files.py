"""The two files of a run of ``extend``: its records, and beside them what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.extending.prompts import Refused
from loaders.extending.settings import ExtendSettings
from loaders.imploding.source import implode
from workspace.errors import GiveAwayFound
from workspace.files.jsonl import read_jsonl, write_jsonl
from workspace.giveaways import GiveAways
from workspace.model.prompts import prompt_key
from workspace.model.records import Record, typed, typed_or_none

REFUSED_FILE = "extend.rejected.jsonl"  # beside the output
FEWEST_PROMPTS = 20  # from which a give-away refuses the run; fewer show too little


@dataclass(frozen=True)
class There:
    """What was there before the run.

    Attributes:
        output: the file of records.
        kept: its records, by id.
        failed: the prompts whose answers failed in a run before, by id; none where they are to be asked for again.
        known: the words (``prompt_key``) of the prompts of other sources, each with the id of its record.
    """

    output: Path
    kept: Mapping[str, Record]
    failed: Mapping[str, Refused]
    known: Mapping[str, str]

    @classmethod
    def read(cls, output: Path, settings: ExtendSettings) -> There:
        """Read the output, what was refused, and the sources whose prompts are not to be written again.

        Raises:
            DataError: a file cannot be read.
        """
        rejected = rejected_file(output)
        kept = {record.id: record for record in read_jsonl(output, Record.from_json)} if output.exists() else {}
        failed = {} if settings.retry_refused or not rejected.exists() else _failed_before(rejected)
        known = {prompt_key(record.prompt): record.id for source in settings.against for record in implode(source)}
        return cls(output, kept, failed, known)

    def with_new(self, records: Iterable[Record]) -> dict[str, Record]:
        """All records of the output, sorted by id."""
        return dict(sorted({**self.kept, **{record.id: record for record in records}}.items()))

    def write(
        self, records: Mapping[str, Record], refused: Sequence[Refused], giveaways: GiveAways, *, allow: bool
    ) -> None:
        """Write what was refused, then the records.

        Raises:
            GiveAwayFound: the ranks can be read from the surface and ``allow`` is not given; no record was written.
        """
        told = {*records, *(each.id for each in refused)}
        listed = [*refused, *(failed for id_, failed in self.failed.items() if id_ not in told)]
        ordered = sorted(listed, key=lambda each: (each.id, each.role or ""))
        write_jsonl(rejected_file(self.output), (each.to_json() for each in ordered))
        if not allow:
            _check_giveaways(giveaways)
        write_jsonl(self.output, (record.to_json() for record in records.values()))


def rejected_file(output: Path) -> Path:
    """The file of what was refused."""
    return output.with_name(REFUSED_FILE)


def _check_giveaways(found: GiveAways) -> None:
    """Refuse what was found; what too few prompts leave open is only stated."""
    if found.verdict in ("length", "surface") and found.prompts >= FEWEST_PROMPTS:
        raise GiveAwayFound(
            f"nothing was written: {found.problem}. Give another --model, or --allow-giveaways; what was paid for is "
            "kept and not asked for again"
        )


def _failed_before(rejected: Path) -> dict[str, Refused]:
    """The prompts whose answers failed in a run before, by id; what else was refused is found out anew."""
    read = [each for each in read_jsonl(rejected, _refused) if each.role]
    return {each.id: each for each in read}


def _refused(line: Any) -> Refused:
    fields = typed(line, "what was refused", id=str, prompt=str, reason=str)
    others = {name: typed_or_none(line, "what was refused", name, str) for name in ("role", "feature")}
    return Refused(**fields, **others)
