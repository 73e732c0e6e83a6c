"""``extend``: what is read, what is asked, what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loaders.extending.answers import Written
from loaders.extending.extended import Extended
from loaders.extending.files import There
from loaders.extending.settings import ExtendSettings
from loaders.extending.work import answers_work, twins_work
from loaders.imploding.source import Source
from workspace.chat import Usage
from workspace.errors import ConfigError
from workspace.extras import require_packages
from workspace.giveaways import measure_giveaways
from workspace.giveaways.measure import PACKAGES


def extend(
    output: str | Path,
    *,
    prompts: str | Path | None = None,
    complete: str | Path | None = None,
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
    all else equal, and kept beside the rewriting (``loaders.extending.twins``).

    Args:
        output: the JSON Lines file of records; ``extend.rejected.jsonl`` beside it has what was refused.
        prompts: a text file with one prompt a line, or a table with a column ``prompt``; other columns are metadata.
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
    way, source = _only_way(prompts=prompts, complete=complete, twins=twins)
    if isinstance(source, str | Path) and Path(source).resolve() == output.resolve():
        raise ConfigError(f"{output}: the output needs a file of its own")
    there = There.read(output, settings)
    if way == "twins":
        work = twins_work(source, settings, there.kept.values())
    else:
        work = answers_work(way, source, settings, there.known)
    waiting = [item for item in work.items if item.id not in there.kept]
    asked = [item for item in waiting if item.id not in there.failed]
    requests = list(work.requests(asked))
    done, usage = Written(missing=[item.id for item in asked]), Usage()
    if not settings.dry_run:
        with settings.writer.opened(settings.home_folder, settings.budget) as chat:
            done, usage = work.write(asked, chat), chat.usage
    refused = [*work.refused, *(there.failed[item.id] for item in waiting if item.id in there.failed), *done.refused]
    records = there.with_new(done.records)
    giveaways = measure_giveaways(records.values())
    if not settings.dry_run:
        there.write(records, refused, giveaways, allow=settings.allow_giveaways)
    return Extended(
        records=tuple(records.values()),
        prompts=len(work.items) + len(work.refused),
        kept=len(work.items) - len(waiting),
        written=len(done.records),
        refused=tuple(refused),
        missing=tuple(done.missing),
        estimated_requests=len(requests),
        estimated_tokens=sum(request.estimate().total for request in requests),
        usage=usage,
        giveaways=giveaways,
        problem=done.problem,
    )


def _only_way(**ways: Any) -> tuple[str, Any]:
    """The one way that is given, and its value.

    Raises:
        ConfigError: none is given, or several.
    """
    given = [(way, value) for way, value in ways.items() if value is not None]
    if len(given) != 1:
        raise ConfigError(f"give one of {', '.join(ways)}; got {', '.join(way for way, _ in given) or 'none'}")
    return given[0]
