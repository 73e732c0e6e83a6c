"""What the card says only where it holds, in the right number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exports.card.page import (
    render_card,
)
from exports.review.made import Made
from tests.exports.card.cards import (
    COUNTS,
    FACTS,
    flat,
    halves,
    section,
)


def test_what_depends_on_the_facts_is_said_only_where_it_holds() -> None:
    plain = render_card(FACTS)
    assert "`method`" not in plain and "`reviewed`" not in plain
    assert "Sus comentarios no se publican." in plain and "Their comments are not published." in plain
    assert "acuerdo dice poco" not in plain
    other = render_card(
        replace(
            FACTS,
            comments=True,
            from_source=3,
            counts={**COUNTS, "reviewers": 1},
            made=Made(None, "9.8.7", None),
            example=None,
        )
    )
    assert "**Sin revisar:** 3" in other and "**Not reviewed:** 3" in other
    assert "comentarios se publican" in other and "comments are published" in other
    assert "Con 1 revisor," in other and "With 1 reviewer," in other
    assert "1, con seudónimo" in other and "1, under a pseudonym\n" in other and "4, under pseudonyms\n" in plain
    assert "year " not in other
    assert 'year   = "2024"' in plain


@pytest.mark.parametrize(
    ("count", "es", "en"),
    [
        (1, "1 de ellos lleva el orden de la fuente y la traducción automática; nadie lo ha revisado (`method`",
            "1 of them has the source's ranking and the machine translation; nobody has reviewed it (`method`"),
        (2, "2 de ellos llevan el orden de la fuente y la traducción automática; nadie los ha revisado (`method`",
            "2 of them have the source's ranking and the machine translation; nobody has reviewed them (`method`"),
    ],
)  # fmt: skip
def test_unreviewed_prompts_are_named_in_the_right_number(count: int, es: str, en: str) -> None:
    spanish, english = map(flat, halves(render_card(replace(FACTS, from_source=count))))
    assert es in spanish and en in english


@pytest.mark.parametrize(
    ("pairs", "prompts", "es", "en"),
    [
        (1, 1, "1 par de 1 prompt revisado lleva algún texto automático que ningún revisor envió",
               "1 pair of 1 reviewed prompt has a machine text that no reviewer submitted"),
        (3, 1, "3 pares de 1 prompt revisado llevan algún texto automático que ningún revisor envió",
               "3 pairs of 1 reviewed prompt have a machine text that no reviewer submitted"),
        (3, 2, "3 pares de 2 prompts revisados llevan algún", "3 pairs of 2 reviewed prompts have a machine text"),
    ],
)  # fmt: skip
def test_pairs_with_the_machine_s_text_are_named_at_the_top(pairs: int, prompts: int, es: str, en: str) -> None:
    spanish, english = map(flat, halves(render_card(replace(FACTS, machine_pairs=pairs, machine_prompts=prompts))))
    assert es in spanish and en in english
    assert spanish.index(es) < spanish.index("## Configuraciones")
    assert english.index(en) < english.index("## Configurations")


@pytest.mark.parametrize(
    ("reviewers", "es", "en"),
    [(0, "Nadie ha revisado estos datos.", "Nobody has reviewed these data."),
     (1, "Con 1 revisor, el acuerdo", "With 1 reviewer, the agreement"),
     (2, "Con 2 revisores, el acuerdo", "With 2 reviewers, the agreement")],
)  # fmt: skip
def test_few_reviewers_are_named_in_the_right_number(reviewers: int, es: str, en: str) -> None:
    spanish, english = halves(render_card(replace(FACTS, counts={**COUNTS, "reviewers": reviewers})))
    assert es in spanish and en in english


@pytest.mark.parametrize(
    ("count", "es", "en"),
    [(0, "", ""),
     (1, "- 1 *prompt* revisado está en `train` y en `test`: *prompts* distintos de la fuente acabaron con las "
         "mismas palabras. ",
         "- 1 reviewed prompt is in `train` and in `test`: different source prompts ended in the same "
         "words. "),
     (3, "- 3 *prompts* revisados están en `train` y en `test`: ",
         "- 3 reviewed prompts are in `train` and in `test`: ")],
)  # fmt: skip
def test_prompts_on_both_sides_are_a_limit(count: int, es: str, en: str) -> None:
    spanish, english = halves(render_card(replace(FACTS, counts={**COUNTS, "prompts_on_both_sides": count})))
    if count:
        assert es in flat(spanish.partition("\n## Límites\n")[2])
        assert en in flat(english.partition("\n## Limits\n")[2])
    else:
        assert "en `train` y en `test`" not in spanish and "in `train` and in `test`" not in english


def test_ballots_of_weight_0_have_a_line_where_there_are_any() -> None:
    spanish, english = halves(render_card(replace(FACTS, counts={**COUNTS, "ballots_of_weight_0": 7})))
    assert section(spanish, "Papeletas por estado:")[2:] == [
        "| draft | 3 | borrador: no cuenta |",
        "| submitted | 41 | enviada: cuenta como voto, salvo que diga que no se puede ordenar |",
        "| de peso 0 | 7 | las enviadas por revisores con peso 0: no cuentan |",
    ]
    assert section(english, "Ballots by status:")[-1] == (
        "| of weight 0 | 7 | those of the submitted ones whose reviewer has weight 0: not counted |"
    )
    for half in halves(render_card(FACTS)):
        assert "peso 0" not in half and "weight 0" not in half
