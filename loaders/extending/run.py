"""``extend`` from a file of prompts to a file of records."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.extending.answers import Writing, Written, estimated_tokens, write_answers
from loaders.extending.prompts import Prompt, Refused, choose_new, read_known, read_prompts
from loaders.extending.roles import VARIETIES
from loaders.imploding.source import implode
from workspace.chat import Budget, Chat, ChatCache, Endpoint, Usage
from workspace.config import default_home
from workspace.errors import ChatError, ConfigError, GiveAwayFound, count_of
from workspace.extras import require_packages
from workspace.files.jsonl import read_jsonl, write_jsonl
from workspace.files.private import make_home
from workspace.giveaways import GiveAways, measure_giveaways
from workspace.giveaways.measure import PACKAGES
from workspace.model.prompts import prompt_key
from workspace.model.records import Record, typed, typed_or_none

CACHE_FILE = "answers.sqlite"  # in the home: the answers of models that were paid for
REFUSED_FILE = "extend.rejected.jsonl"  # beside the output
SOURCE_NAME = "extended"
FEWEST_PROMPTS = 20  # from which a give-away refuses the run; fewer show too little


@dataclass(frozen=True)
class Extended:
    """What a run of ``extend`` did.

    Attributes:
        records: all records of the output, sorted by id.
        prompts: how many prompts there were; each is written, kept, refused or missing.
        kept: how many of them had their record in the output before.
        written: how many of them got one.
        refused: those that give no record, with the reason.
        missing: the ids of those that were not asked for to the end; another run carries on with them.
        estimated_tokens: what the prompts that had to be asked for cost if each answer is good at once.
        usage: requests and tokens.
        giveaways: how far the ranks of all records can be read without reading the answers.
        problem: why prompts are missing.
    """

    records: tuple[Record, ...]
    prompts: int
    kept: int
    written: int
    refused: tuple[Refused, ...]
    missing: tuple[str, ...]
    estimated_tokens: int
    usage: Usage
    giveaways: GiveAways
    problem: ChatError | None = None

    def to_json(self) -> dict[str, Any]:
        """The lines of a summary."""
        return {
            "prompts": self.prompts,
            "kept": self.kept,
            "written": self.written,
            "refused": len(self.refused),
            "missing": len(self.missing),
            "records": len(self.records),
            "estimated_tokens": self.estimated_tokens,
            "requests": self.usage.requests,
            "from_cache": self.usage.from_cache,
            "tokens": self.usage.tokens.total,
            "longer_wins": str(self.giveaways.longer_wins or "not measured"),
            "surface_tells": str(self.giveaways.surface.accuracy or f"not measured: {self.giveaways.surface.reason}"),
            "giveaways": self.giveaways.problem or "none",
        }


def extend(
    prompts: str | Path,
    output: str | Path,
    *,
    complete: bool = False,
    model: str | None = None,
    base_url: str | None = None,
    against: Sequence[str | Path] = (),
    language: str = "es",
    variety: str | None = None,
    seed: int = 0,
    budget: int | None = None,
    source_name: str = SOURCE_NAME,
    retry_refused: bool = False,
    allow_giveaways: bool = False,
    dry_run: bool = False,
    home: str | Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Extended:
    """Have a model write three answers to each prompt, in roles, so that their ranking is known before the review.

    Records that the output has are kept as they are, and prompts that were refused before are not asked for again.
    Both files are written at the end, whole or not at all; the answers are kept in HOME as they come, so a run that
    is killed can be run again and pays for nothing twice.

    From 20 prompts on, a run whose ranks can be read without reading the answers is refused: by their length, or by
    a classifier of their surface (``workspace.measure_giveaways``).

    Args:
        prompts: a text file with one prompt a line, or a table with a column ``prompt``; other columns are metadata.
        output: the JSON Lines file of records; ``extend.rejected.jsonl`` beside it has what was refused.
        complete: ``prompts`` is a source that has only the best answer to each prompt (columns Prompt and
            BetterCompletion, or prompt and chosen); it is kept word for word, and the others are written.
        model, base_url: an OpenAI-compatible endpoint, by default OPENAI_MODEL and OPENAI_BASE_URL; the key is
            OPENAI_API_KEY.
        against: sources whose prompts are not to be written again.
        language: the ISO code of the prompts' language, which the answers have too: es or en.
        variety: of the language, as the model is told in Spanish; by default neutral Latin American Spanish.
        seed: draws lengths and the hard ones among the worst answers, and is the model's seed.
        budget: tokens that this run may spend.
        source_name: the beginning of every id.
        retry_refused: ask again for the prompts that were refused.
        allow_giveaways: write the records whatever gives their ranks away.
        dry_run: ask for nothing and write nothing.
        home: folder of all local state.
        environ: where the endpoint and its key come from.

    Raises:
        DataError: a file cannot be read, or its rows cannot; names file, row and remedy.
        ConfigError: there is no model or no key, or the endpoint refuses them.
        GiveAwayFound: the ranks can be read from the surface; nothing was written, and no answer is lost.
        MissingPartError: the packages of ``h4rmony-es[extend]`` are not installed.

    >>> from pathlib import Path
    >>> _ = Path("preguntas.txt").write_text("¿Qué hacemos con el arroyo?", encoding="utf-8")
    >>> endpoint = {"model": "llama3", "base_url": "http://localhost:11434/v1"}
    >>> extend("preguntas.txt", "nuevas.jsonl", **endpoint, dry_run=True).missing
    ('extended-b7f32416e6f0fe33',)
    """
    require_packages("extending", ("openai", *PACKAGES), "extend")
    if language not in VARIETIES:
        raise ConfigError(f"--language {language}: answers are written in {' or '.join(VARIETIES)}")
    output = Path(output)
    if Path(prompts).resolve() == output.resolve():
        raise ConfigError(f"{output}: the output needs a file of its own")
    rejected = output.with_name(REFUSED_FILE)
    kept = {record.id: record for record in read_jsonl(output, Record.from_json)} if output.exists() else {}
    before = {} if retry_refused or not rejected.exists() else _failed_before(rejected)
    known = {prompt_key(record.prompt): record.id for source in against for record in implode(source)}
    read = (read_known if complete else read_prompts)(prompts, source_name, language)
    new, refused = choose_new(read, known, language)
    refused += [before[prompt.id] for prompt in new if prompt.id in before and prompt.id not in kept]
    missing = [prompt for prompt in new if prompt.id not in kept and prompt.id not in before]
    endpoint = Endpoint.of(model, base_url, environ)
    writing = Writing(endpoint.model, language, variety or VARIETIES[language], seed)
    done, usage = Written(missing=missing), Usage()
    if not dry_run:
        done, usage = _ask(missing, endpoint, Budget(budget), writing, Path(home) if home else default_home())
    refused += done.refused
    records = dict(sorted({**kept, **{record.id: record for record in done.records}}.items()))
    giveaways = measure_giveaways(records.values())
    if not dry_run:
        told = {*records, *(each.id for each in refused)}
        listed = [*refused, *(failed for id_, failed in before.items() if id_ not in told)]
        write_jsonl(
            rejected, (each.to_json() for each in sorted(listed, key=lambda each: (each.id, each.role or "")))
        )
        if not allow_giveaways:
            _check_giveaways(giveaways)
        write_jsonl(output, (record.to_json() for record in records.values()))
    return Extended(
        records=tuple(records.values()),
        prompts=len(read),
        kept=sum(prompt.id in kept for prompt in new),
        written=len(done.records),
        refused=tuple(refused),
        missing=tuple(prompt.id for prompt in done.missing),
        estimated_tokens=estimated_tokens(missing, writing),
        usage=usage,
        giveaways=giveaways,
        problem=done.problem,
    )


def check_done(extended: Extended) -> None:
    """End with a stated error where prompts are missing.

    Raises:
        ChatError: why; what was written is kept.
    """
    if extended.problem:
        missing = count_of(len(extended.missing), "prompt is", "prompts are")
        raise type(extended.problem)(f"{missing} not written yet: {extended.problem}; run again to carry on")


def _check_giveaways(found: GiveAways) -> None:
    """Refuse what was found; what too few prompts leave open is only stated."""
    if found.verdict in ("length", "surface") and found.prompts >= FEWEST_PROMPTS:
        raise GiveAwayFound(
            f"nothing was written: {found.problem}. Give another --model, or --allow-giveaways; what was paid for is "
            "kept and not asked for again"
        )


def _ask(
    prompts: Sequence[Prompt], endpoint: Endpoint, budget: Budget, writing: Writing, home: Path
) -> tuple[Written, Usage]:
    make_home(home)
    with ChatCache(home / CACHE_FILE) as cache, closing(Chat(endpoint, budget=budget, cache=cache)) as chat:
        return write_answers(prompts, chat, writing), chat.usage


def _failed_before(rejected: Path) -> dict[str, Refused]:
    """The prompts whose answers failed in a run before, by id; what else was refused is found out anew."""
    read = [each for each in read_jsonl(rejected, _refused) if each.role]
    return {each.id: each for each in read}


def _refused(line: Any) -> Refused:
    fields = typed(line, "what was refused", id=str, prompt=str, reason=str)
    return Refused(**fields, role=typed_or_none(line, "what was refused", "role", str))
