"""The facts of a dataset card, counted and measured from a publication (no I/O).

The rules:

- Agreement and anchoring are over the ballots that count in the merge (``MergeRules.counted``): one of weight 0 is in
  no figure, as it is in no vote. The ballots by status, and the licences of what they show, are of all that are
  published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import Any

from exports.card.licences import licences_of, source_licence
from exports.card.page import CardFacts, ConfigFacts, ModelFacts, Portion, SourceFacts
from exports.formats.merged import Merged
from exports.measure.agreement import agreement, issues_of, ranked_records
from exports.measure.anchoring import anchoring
from exports.measure.edits import changed_texts
from exports.measure.estimates import Estimate
from exports.measure.giveaways import written_giveaways
from exports.measure.sources import source_lines
from exports.measure.stories import stories
from exports.measure.varieties import unread_varieties, variety_lines
from exports.merging.pairs import ReviewedRecord
from exports.merging.provenance import Origin, origins
from exports.merging.settings import SPANISH
from exports.review.files import Review
from exports.review.made import Made
from exports.write.export import ExportSettings
from workspace.licences import NOASSERTION
from workspace.model.sources import source_of


def card_facts(
    repo_id: str,
    merged: Merged,
    export: ExportSettings,
    configs: tuple[ConfigFacts, ...],
    ballots: ConfigFacts,
    counts: Mapping[str, Any],
    *,
    constants: Mapping[str, str],
    comments: bool,
    source_licences: Mapping[str, str] | None = None,
    reviewers: Mapping[str, str] | None = None,
) -> CardFacts:
    """Compute all that the card says of a publication.

    Args:
        repo_id: where it is published.
        merged: the review that is published, under pseudonyms.
        export: what was written of it; weights are by pseudonym too.
        configs: the formats as they were written.
        ballots: the configuration of the ballots.
        counts: what the export counted, as in ``summary.json``.
        constants: the columns that have the same value in every row.
        comments: whether the reviewers' comments are published.
        source_licences: the licences of sources that state none themselves, by the source's name.
        reviewers: the variety of each reviewer who said one, by pseudonym.
    """
    review = merged.review
    paired = [reviewed for reviewed in merged.records if reviewed.pairs]
    with_pairs = {reviewed.record.id: reviewed for reviewed in paired}
    records = [reviewed.record for reviewed in with_pairs.values()]
    machine = Counter(  # pairs of reviewed records with a text that no reviewer submitted
        reviewed.record.id
        for reviewed in paired
        for pair in reviewed.pairs
        if not reviewed.from_source and not reviewed.is_reviewed(pair)
    )
    ranked = ranked_records(merged.counted())
    changed, translated = changed_texts(merged.counted())
    anchored = anchoring(ranked)
    return CardFacts(
        repo_id=repo_id,
        configs=configs,
        ballots=ballots,
        counts=counts,
        settings=export.to_json(),
        prompts=len(records),
        from_source=sum(reviewed.method == "source" for reviewed in with_pairs.values()),
        machine_prompts=len(machine),
        machine_pairs=machine.total(),
        engines=portions([record.translation.engine if record.translation else "" for record in review.records]),
        sources=_sources(merged, counts, source_licences or {}),
        licences=_licences(review, with_pairs if SPANISH in export.languages else {}),
        issues=portions([issue for record in records for issue in issues_of(record)], len(records)),
        types=portions([str(record.metadata.get("type") or "") for record in records]),
        agreement={name: one for name, one in vars(agreement(ranked)).items() if isinstance(one, Estimate)},
        anchoring={
            "tau_verify": anchored.verify.tau,
            "tau_blind": anchored.blind.tau,
            "tau_difference": anchored.tau_difference,
        },
        languages=tuple(name for name in export.languages if name in {each.language for each in paired})
        or export.languages,
        constants=constants,
        comments=comments,
        made=Made.of(review.ballots),
        giveaways=written_giveaways(paired),
        stories=stories(ranked),
        changed=changed,
        translated=translated,
        example=_example(paired),
        models=_models(merged, with_pairs),
        varieties=variety_lines(ranked, reviewers or {}, with_pairs),
        unread_varieties=unread_varieties(records),
    )


def _sources(merged: Merged, counts: Mapping[str, Any], given: Mapping[str, str]) -> tuple[SourceFacts, ...]:
    licences: dict[str, set[str]] = {}
    own: dict[str, Counter[str]] = {}
    for record in merged.review.records:
        name, stated = source_of(record), source_licence(record, given)
        written = (origin.licence or NOASSERTION for origin in origins(record) if origin.model)
        licences.setdefault(name, set()).update((*licences_of(record), *written, stated or ""))
        own.setdefault(name, Counter()).update([] if stated is None else [stated])
    return tuple(
        SourceFacts(
            line.name,
            line.records,
            line.made,
            tuple(sorted(filter(None, licences[line.name]))),
            {language: sum(pairs.values()) for language, pairs in counts["sources"][line.name]["pairs"].items()},
            dict(sorted(own[line.name].items())),
        )
        for line in source_lines(merged.review)
    )


def portions(names: Iterable[str], total: int | None = None) -> tuple[Portion, ...]:
    """Each name with its count and its share of ``total`` (of all names if None); the most frequent first."""
    counts = Counter(names)
    whole = counts.total() if total is None else total
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Portion(name, count, count / whole) for name, count in ordered)


def _example(paired: Iterable[ReviewedRecord]) -> tuple[str, str, str] | None:
    """The shortest pair that people reviewed whose chosen answer is the best one; else the shortest of the others."""
    pairs = [
        (
            not reviewed.is_reviewed(pair),
            pair.chosen != reviewed.best,
            [text.text for text in reviewed.pair_texts(pair)],
        )
        for reviewed in paired
        for pair in reviewed.pairs
    ]
    if not pairs:
        return None
    *_, (prompt, chosen, rejected) = min(pairs, key=lambda pair: (pair[0], pair[1], sum(map(len, pair[2]))))
    return prompt, chosen, rejected


def _licences(review: Review, with_pairs: Container[str]) -> tuple[Portion, ...]:
    """The licences of the translations that are published, in pairs or beside ballots, by number of records."""
    shown = {ballot.record_id for ballot in review.ballots}
    records = [each for each in review.records if each.translation and (each.id in with_pairs or each.id in shown)]
    return portions([licence for record in records for licence in licences_of(record)], len(records))


def _models(merged: Merged, with_pairs: Container[str]) -> tuple[ModelFacts, ...]:
    """The models that wrote texts of the records that are published, in pairs or beside ballots; most texts first.

    A text counts once, in whatever languages it is published, and as changed if reviewers changed what they saw.
    """
    shown = {ballot.record_id for ballot in merged.review.ballots}
    texts: dict[tuple[str, str, int], tuple[Origin, bool]] = {}
    for reviewed in merged.records:
        record = reviewed.record
        if record.id not in with_pairs and record.id not in shown:
            continue
        for place, origin in enumerate(origins(record)):
            if origin.model:
                key = record.id, origin.model, place
                before = texts.get(key, (origin, False))[1]
                texts[key] = origin, before or reviewed.is_changed(place)
    counts = Counter((origin.model or "", origin.licence or "") for origin, _ in texts.values())
    changed = Counter((origin.model or "", origin.licence or "") for origin, change in texts.values() if change)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ModelFacts(model, licence or None, n, changed[model, licence]) for (model, licence), n in ordered)
