"""What was there before a run of ``extend``, and the two files that it writes.

The records are in the output. What was refused is beside it, in ``extend.rejected.jsonl``, which all outputs of the
folder share: each line names its output, and a run leaves the lines of others alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from loaders.extending.outcome import Refused
from loaders.extending.prompts.known import read_there
from loaders.extending.settings import ExtendSettings
from workspace.errors import GiveAwayFound
from workspace.files.jsonl import check_replaceable, file_digest, read_jsonl, write_jsonl
from workspace.giveaways import GiveAways
from workspace.giveaways.measure import Verdict
from workspace.model.h4rmony import ORIGINS_KEY
from workspace.model.prompts import prompt_key
from workspace.model.records import Record

REFUSED_FILE = "extend.rejected.jsonl"  # beside the output
FEWEST_PROMPTS = 20  # from which a give-away refuses the run; fewer show too little


@dataclass(frozen=True)
class There:
    """What was there before the run.

    Attributes:
        output: the file of records.
        kept: its records, by id.
        failed: what gave no record in a run before, by id; nothing where it is to be asked for again.
        tries: the texts of a model that were refused in runs before.
        others: the id and the text of each prompt of other sources.
    """

    output: Path
    kept: Mapping[str, Record]
    failed: Mapping[str, Refused]
    tries: Sequence[Refused]
    others: Sequence[tuple[str, str]]

    @classmethod
    def read(cls, output: Path, settings: ExtendSettings) -> There:
        """Read the output, what was refused, and the sources whose prompts are not to be written again.

        Raises:
            DataError: a file cannot be read, or the output cannot be written.
        """
        check_replaceable(output)
        kept = {record.id: record for record in read_jsonl(output, Record.from_json)} if output.exists() else {}
        before = [each for each in _read_refused(output) if _is_of(output, each)]
        return cls(
            output,
            kept,
            failed={} if settings.retry_refused else {each.id: each for each in before if each.role},
            tries=[each for each in before if each.is_try],
            others=[prompt for source in settings.against for prompt in read_there(source)],
        )

    @property
    def known(self) -> dict[str, str]:
        """The words (``prompt_key``) of the prompts of other sources, each with the id of its record."""
        return {prompt_key(text): name for name, text in self.others}

    @property
    def prompts(self) -> Iterator[tuple[str, str]]:
        """The id and the text of each prompt, of other sources and of the output."""
        yield from self.others
        yield from ((record.id, record.prompt) for record in self.kept.values())

    @cached_property
    def filled(self) -> dict[str, str]:
        """What a model wrote a prompt of the output for, with the record's id."""
        found = {}
        for record in self.kept.values():
            origins = record.metadata.get(ORIGINS_KEY)
            if isinstance(origins, list) and origins and isinstance(origins[0], dict) and origins[0].get("wanted"):
                found[str(origins[0]["wanted"])] = record.id
        return found

    def with_new(self, records: Iterable[Record]) -> dict[str, Record]:
        """All records of the output, sorted by id."""
        return dict(sorted({**self.kept, **{record.id: record for record in records}}.items()))

    def write(
        self,
        records: Mapping[str, Record],
        refused: Sequence[Refused],
        giveaways: GiveAways,
        gates: Sequence[Verdict],
    ) -> bool:
        """Write what was refused, then the records; returns False if the output was the same before.

        Raises:
            GiveAwayFound: the ranks can be read in one of the ways of ``gates``; no record was written.
        """
        told = {*records, *(each.id for each in refused)}
        failed = [each for id_, each in self.failed.items() if id_ not in told]
        again = {(each.id, each.wanted) for each in refused}
        tries = [each for each in self.tries if (each.id, each.wanted) not in again]
        lines = [replace(each, output=self.output.name) for each in (*refused, *failed, *tries)]
        lines += [each for each in _read_refused(self.output) if not _is_of(self.output, each)]
        write_jsonl(rejected_file(self.output), (each.to_json() for each in sorted(lines, key=_order)))
        _check_giveaways(giveaways, gates)
        before = file_digest(self.output)
        write_jsonl(self.output, (record.to_json() for record in records.values()))
        return file_digest(self.output) != before


def rejected_file(output: Path) -> Path:
    """The file of what was refused."""
    return output.with_name(REFUSED_FILE)


def _read_refused(output: Path) -> list[Refused]:
    """What was refused before, of all outputs of the folder."""
    rejected = rejected_file(output)
    return list(read_jsonl(rejected, Refused.from_json)) if rejected.exists() else []


def _is_of(output: Path, line: Refused) -> bool:
    """Whether a line is of the output; one that names none may be."""
    return line.output in (None, output.name)


def _order(line: Refused) -> tuple[str, ...]:
    return line.id, line.role or "", line.wanted or "", line.output or ""


def _check_giveaways(found: GiveAways, gates: Sequence[Verdict]) -> None:
    """Refuse what was found; what too few prompts leave open is only stated."""
    if found.verdict in gates and found.prompts >= FEWEST_PROMPTS:
        raise GiveAwayFound(
            f"nothing was written: {found.problem}. Give another --model, or --allow-giveaways; what was paid for is "
            "kept and not asked for again"
        )
