"""Explode after implode gives every row back, and no row is lost without an entry in the audit."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from exports.merging.explode import explode_dpo, explode_source, known_pairs
from loaders import implode
from loaders.imploding.settle import SourcePair, settle
from loaders.source.seen import kept_text, prompt_seen, seen
from workspace.model.h4rmony import COLUMNS, ISSUES, everything_below
from workspace.model.records import Record

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
cells = st.text(characters, max_size=6) | st.sampled_from(["", "0", "1", " ", "a\r\nb", "\ufeffx", "🌳", "ñ"])
texts = cells.map(kept_text).filter(bool)
names = st.text(characters, max_size=6) | st.sampled_from(
    ["type", "issues", "schema", "better", "worse", "source:x", "source:", "flags", "prompt_id", "text", "PWM", ""]
)
TEXTS = {"Prompt", "BetterCompletion", "WorseCompletion", "PromptID", "ComparedRanks", "prompt", "chosen", "rejected"}
foreign = names.filter(lambda name: name.strip().casefold() not in {text.casefold() for text in TEXTS})


def bag(rows):
    return Counter(frozenset(row.items()) for row in rows)


@st.composite
def consistent_tables(draw):
    """Rows of a few prompts with 2 to 8 answers each, complete or not, none contradicting another."""
    pairs = draw(st.booleans())
    own_columns = draw(st.lists(foreign, max_size=3, unique=True))
    if not pairs:
        own_columns += draw(st.lists(st.sampled_from([c for c in COLUMNS if c not in TEXTS]), unique=True))
        own_columns += draw(st.sampled_from([[], list(ISSUES)]))
    own_columns = list(dict.fromkeys(own_columns))
    prompts = draw(st.lists(texts, min_size=1, max_size=3, unique_by=prompt_seen))
    constant = draw(st.booleans())
    rows = []
    for number, prompt in enumerate(prompts):
        answers = draw(st.lists(texts, min_size=2, max_size=8, unique_by=seen))
        all_pairs = list(combinations(range(len(answers)), 2))
        chosen = draw(st.lists(st.sampled_from(all_pairs), min_size=1, max_size=12))
        shared = {column: draw(cells) for column in own_columns}
        for better, worse in chosen:
            own = shared if constant else {column: draw(cells) for column in own_columns}
            names = ("prompt", "chosen", "rejected") if pairs else ("Prompt", "BetterCompletion", "WorseCompletion")
            row = {**own, **dict(zip(names, (prompt, answers[better], answers[worse]), strict=True))}
            if not pairs:
                row |= {"PromptID": str(number), "ComparedRanks": f"R{better + 1}-R{worse + 1}"}
            rows.append(row)
    return draw(st.permutations(rows))


@given(consistent_tables())
def test_explode_gives_back_every_consistent_row(rows):
    imploded = implode(rows)
    records = [Record.from_json(record.to_json()) for record in imploded.records]
    exploded = [row for record in records for row in explode_source(record)]
    assert bag(exploded) == bag(rows)
    assert imploded.counts.rows_left_out == 0
    again = implode(exploded)
    assert [record.to_json() for record in again.records] == [record.to_json() for record in records]


@given(consistent_tables(), st.randoms(use_true_random=False))
def test_absent_cells_stay_absent(rows, random):
    rows = [{name: cell for name, cell in row.items() if name in TEXTS or random.random() < 0.7} for row in rows]
    exploded = [row for record in implode(rows).records for row in explode_source(record)]
    assert bag(exploded) == bag(rows)


@st.composite
def messy_tables(draw):
    """Rows of all kinds of trouble: few prompts, few answers, labels that need not fit."""
    small = st.sampled_from(["", "a", "b", "c", "d", " a", "b\r\n"])
    row = st.fixed_dictionaries(
        {
            "PromptID": st.sampled_from(["1", "1.0", " 2", "", "x y"]),
            "Prompt": st.sampled_from(["P", "P", "P", "Q", ""]),
            "BetterCompletion": small,
            "WorseCompletion": small,
            "ComparedRanks": st.sampled_from(["R1-R2", "R1-R3", "R2-R3", "R2-R1", "", "?", "R9-R99"]),
            "Comments": st.sampled_from(["", "x"]),
        }
    )
    return draw(st.lists(row, min_size=1, max_size=14))


@given(messy_tables())
def test_every_row_is_in_a_record_or_in_the_audit_and_never_in_both(rows):
    imploded = implode([{**row, "Id": str(number)} for number, row in enumerate(rows, start=1)])
    left_out = {row for entry in imploded.audit if entry.rows_left_out for row in entry.rows}
    kept = [int(row["Id"]) for record in imploded.records for row in explode_source(record)]
    assert len(kept) == len(set(kept))
    assert left_out.isdisjoint(kept)
    assert left_out.union(kept) == set(range(1, len(rows) + 1))
    assert imploded.counts.rows_left_out == len(left_out)
    for row in (row for record in imploded.records for row in explode_source(record)):
        source = rows[int(row["Id"]) - 1]
        for column in ("Prompt", "BetterCompletion", "WorseCompletion"):
            assert seen(row[column]) == seen(source[column])
            assert row[column] in {kept_text(each[column]) for each in rows} or column != "Prompt"
    assert bool(imploded.refusal) == (not kept)


@given(messy_tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    first, second = implode(rows), implode(shuffled)
    assert [r.to_json() for r in first.records] == [r.to_json() for r in second.records]
    assert Counter(e.message for e in first.audit) == Counter(e.message for e in second.audit)
    backwards = [dict(reversed(row.items())) for row in rows]
    assert [r.to_json() for r in implode(backwards).records] == [r.to_json() for r in first.records]


@given(messy_tables())
def test_ranks_follow_from_what_is_known(rows):
    for record in implode(rows).records:
        pairs = set(known_pairs(record))
        assert all((c.better, c.worse) in pairs for c in record.comparisons)
        for answer, rank in enumerate(record.ranks):
            above = sum(worse == answer for _, worse in pairs)
            below = sum(better == answer for better, _ in pairs)
            assert rank == (above + 1 if above + below == len(record.answers) - 1 else None)
        assert len(explode_dpo(record)) == len(pairs)


labelled_pairs = st.lists(
    st.tuples(
        st.permutations("abcd").map(lambda p: p[:2]), st.sampled_from([(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)])
    ),
    min_size=1,
    max_size=6,
)


@given(labelled_pairs)
def test_the_labels_are_the_best_of_all_assignments(drawn):
    pairs = [SourcePair(row, *pair, labels) for row, (pair, labels) in enumerate(drawn, start=1)]
    wanted = {(a, n) for v in pairs for a, n in ((v.better, v.labels[0]), (v.worse, v.labels[1]))}
    answers = sorted({answer for answer, _ in wanted})
    best = []
    for labels in product((None, 1, 2, 3, 4), repeat=len(answers)):
        given_labels = [label for label in labels if label]
        assignment = dict(zip(answers, labels, strict=True))
        if len(set(given_labels)) < len(given_labels) or any(
            label and (answer, label) not in wanted for answer, label in assignment.items()
        ):
            continue
        wrong = [[assignment[v.better] != v.labels[0], assignment[v.worse] != v.labels[1]] for v in pairs]
        kept = frozenset(v.row for v, w in zip(pairs, wrong, strict=True) if not any(w))
        best.append((sum(map(any, wrong)), sum(map(sum, wrong)), kept))
    least = min(best, key=lambda entry: entry[:2])[:2]
    winners = {kept for rows, cells, kept in best if (rows, cells) == least}
    assert frozenset(pair.row for pair in settle(pairs).pairs) == (
        winners.pop() if len(winners) == 1 else frozenset()
    )


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_the_closure_is_the_least_transitive_relation(edges):
    relation = set(edges)
    while more := {(a, d) for a, b in relation for c, d in relation if b == c} - relation:
        relation |= more
    assert {(a, b) for a, below in everything_below(edges).items() for b in below} == relation
