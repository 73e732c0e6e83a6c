"""``extend``: what is read, what is asked, what is written."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from loaders.extending.extended import Extended, counted_by_issue
from loaders.extending.outcome import Written
from loaders.extending.settings import ExtendSettings
from loaders.extending.there import There
from loaders.extending.ways import Work, work_of
from loaders.imploding.source import Source
from loaders.source.location import Location, Place
from loaders.source.read import places_of
from workspace.chat import Tokens, Usage
from workspace.errors import ConfigError
from workspace.extras import require_packages
from workspace.files.jsonl import check_apart
from workspace.giveaways import measure_giveaways
from workspace.giveaways.measure import PACKAGES

Lacking: TypeAlias = tuple[int | None, Tokens | None]  # requests that a run would send, and what they would cost


def extend(
    output: str | Path,
    *,
    prompts: Place | Location | None = None,
    per_issue: int | None = None,
    complete: Place | Location | None = None,
    twins: Source | None = None,
    settings: ExtendSettings | None = None,
) -> Extended:
    """Have a model write three answers to each prompt, in roles, so that their ranking is known before the review.

    The prompts come in exactly one way. Records that the output has are kept as they are, and prompts that were
    refused before are not asked for again. Both files are written at the end, whole or not at all; the answers are
    kept in HOME as they come, so a run that is killed can be run again and pays for nothing twice.

    From 20 prompts on, a run whose ranks can be read without reading the answers is refused: by their length, or by
    a classifier of their surface (``workspace.measure_giveaways``).

    Twins are no answers in roles: the best answer to each prompt is rewritten with one ecolinguistic feature flipped,
    all else equal, and kept beside the rewriting (``loaders.extending.twins``). A flip may show in the surface, so a
    run of twins is refused for their length alone.

    Args:
        output: the JSON Lines file of records; ``extend.rejected.jsonl`` beside it has what was refused.
        prompts: a text file with one prompt a line, or a table with a column ``prompt``; other columns are metadata.
        per_issue: how many prompts a model is to write for each of H4rmony's five issue codes, half of them questions
            and spread over the manifestations of the code. What is there already, in ``settings.against`` or in the
            output, is refused and asked for again, and so is what no reviewer should be shown.
        complete: a source that has only the best answer to each prompt (columns Prompt and BetterCompletion, or
            prompt and chosen); it is kept word for word, and the others are written.
        twins: a source of ranked records (whatever ``implode`` reads), whose best answers get twins.
        settings: who writes, in which language, against what, and what it may cost.

    Raises:
        DataError: a file cannot be read, or its rows cannot; names file, row and remedy.
        ConfigError: there is not one way, no model or no key, or the endpoint refuses them.
        GiveAwayFound: the ranks can be read from the surface; nothing was written, and no answer is lost.
        MissingPartError: the packages of ``h4rmony-es[extend]`` are not installed.

    >>> from pathlib import Path
    >>> _ = Path("preguntas.txt").write_text("¿Qué hacemos con el arroyo?", encoding="utf-8")
    >>> settings = ExtendSettings(model="llama3", base_url="http://localhost:11434/v1", dry_run=True)
    >>> extend("nuevas.jsonl", prompts="preguntas.txt", settings=settings).missing
    ('extended-b7f32416e6f0fe33',)
    """
    require_packages("extending", PACKAGES, "extend")
    settings, output = settings or ExtendSettings(), Path(output)
    way, source = _only_way(output, prompts=prompts, per_issue=per_issue, complete=complete, twins=twins)
    there = There.read(output, settings)
    work = work_of(way, source, settings, there)
    kept, waiting = _parted(work.items, there.kept)
    failed, to_come = _parted(waiting, there.failed)
    asked = to_come[: settings.most]
    done, usage, lacking = _ask(work, asked, settings)
    done.missing += [item.id for item in to_come[len(asked) :]]
    refused = [*work.refused, *(there.failed[item.id] for item in failed), *done.refused]
    records = there.with_new(done.records)
    giveaways = measure_giveaways(records.values())
    changed = False
    if not settings.dry_run:
        gates = () if settings.allow_giveaways else work.gates
        changed = there.write(records, [*done.tries, *refused], giveaways, gates)
    states = {
        "kept": [item.id for item in kept],
        "written": [record.id for record in done.records],
        "refused": [each.id for each in refused],
        "missing": done.missing,
    }
    return Extended(
        records=tuple(records.values()),
        prompts=len(work.items) + len(work.refused),
        kept=len(kept),
        written=len(done.records),
        refused=tuple(refused),
        missing=tuple(done.missing),
        estimated_requests=lacking[0],
        estimated=lacking[1],
        usage=usage,
        giveaways=giveaways,
        tries=tuple(done.tries),
        issues=counted_by_issue(states, {**work.codes, **done.codes}),
        near_duplicates=done.near_duplicates,
        prices=settings.prices,
        problem=done.problem,
        changed=changed,
        notes=tuple(work.notes),
    )


def _parted(items: Iterable[Any], there: Container[str]) -> tuple[list[Any], list[Any]]:
    """Those whose id is there, and all others."""
    items = list(items)
    return [item for item in items if item.id in there], [item for item in items if item.id not in there]


def _ask(work: Work, asked: Sequence[Any], settings: ExtendSettings) -> tuple[Written, Usage, Lacking]:
    """What a model writes, and what it cost; in a dry run nothing, and what it would cost."""
    missing = Written(missing=[item.id for item in asked])
    if settings.dry_run:
        with settings.remembered() as before:
            work.rehearse(asked, before)
        return missing, before.usage, (before.lacking, before.estimated)
    if not asked:
        return missing, Usage(), (None, None)
    with settings.opened() as chat:
        return work.write(asked, chat), chat.usage, (None, None)


def _only_way(output: Path, **ways: Any) -> tuple[str, Any]:
    """The one way that is given, and its value.

    Raises:
        ConfigError: none is given, or several, or the source is the output.
    """
    given = [(way, value) for way, value in ways.items() if value is not None]
    if len(given) != 1:
        raise ConfigError(f"give one of {', '.join(ways)}; got {', '.join(way for way, _ in given) or 'none'}")
    [(way, source)] = given
    for place in places_of(source):
        check_apart(output, place, is_source=True)
    return way, source
