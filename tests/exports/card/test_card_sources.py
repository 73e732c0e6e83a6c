"""What the card says of sources, languages and twins, and where it says nothing of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exports.card.check import check_offline
from exports.card.page import (
    Portion,
    SourceFacts,
    card_metadata,
    render_card,
)
from exports.measure.estimates import Estimate
from exports.measure.stories import ALL, Story
from exports.measure.varieties import VarietyLine
from exports.words import Wording
from tests.exports.card.cards import (
    BOTH,
    ENGLISH,
    FACTS,
    NO_BALLOTS,
    flat,
    halves,
    section,
)
from tests.exports.card_text import metadata_of


def test_english_texts_are_not_called_spanish() -> None:
    facts = replace(FACTS, languages=ENGLISH)
    text = render_card(facts)
    spanish, english = text.split("\n# H4rmony in English, re-ranked\n")
    assert (
        "\n# H4rmony en inglés, ordenado de nuevo\n\n*[In English below](#h4rmony-in-english-re-ranked)*" in spanish
    )
    data = metadata_of(text)
    assert (data["language"], data["pretty_name"]) == (["en", "es"], "H4rmony en inglés, ordenado de nuevo")
    for wrong in (
        "Datos de preferencia en español",
        "han corregido",
        "El español nace",
        "traducción al español, corr",
    ):
        assert wrong not in spanish
    for wrong in ("data in Spanish", "have corrected", "The Spanish begins", "translated to Spanish, corrected"):
        assert wrong not in english
    assert "- **Idiomas:** en (es en `ballots`)\n" in spanish
    assert "- **Languages:** en (es in `ballots`)\n" in english
    assert "Only the configuration `ballots` has Spanish texts" in english
    alone = replace(facts, ballots=NO_BALLOTS)
    assert card_metadata(alone)["language"] == ["en"]
    assert "`ballots`" not in render_card(alone)


def test_both_languages_are_named_and_what_is_counted_twice_is_said() -> None:
    facts = replace(FACTS, languages=BOTH)
    text = render_card(facts)
    spanish, english = text.split("\n# H4rmony in Spanish and English\n")
    data = metadata_of(text)
    assert (data["language"], data["pretty_name"]) == (["es", "en"], "H4rmony en español y en inglés")
    assert spanish.count("una vez por idioma") == 3 and english.count("once per language") == 3
    plain = render_card(FACTS)
    assert "una vez por idioma" not in plain and "once per language" not in plain


NEW = SourceFacts("extended", 20, {"by_model": 18, "by_people": 2}, ("Apache-2.0",), {"es": 51})


SAMPLE = SourceFacts("muestra", 24, {"in_spanish": 24}, (), {})


def test_each_source_says_how_it_came_to_be_its_licence_and_its_pairs() -> None:
    both = replace(FACTS.sources[0], pairs={"en": 50, "es": 54}, made={"translated": 29, "untranslated": 1})
    spanish, english = halves(render_card(replace(FACTS, sources=(NEW, both, SAMPLE))))
    lead = "Registros y pares por fuente; lo escrito en español tiene pares en un solo idioma:"
    assert section(spanish, lead) == [
        "| fuente | cómo se hizo | licencia | registros | pares |",
        "|---|---|---|---|---|",
        "| extended | escrito en español por un modelo: 18; escrito en español por personas: 2 | Apache-2.0 | 20 "
        "| español: 51 |",
        "| h4rmony | traducido: 29; sin traducir: 1 | CC-BY-4.0 | 30 | inglés: 50; español: 54 |",
        "| muestra | escrito en español: 24 | (sin dato) | 24 | 0 |",
    ]
    assert "| extended | written in Spanish by a model: 18; written in Spanish by people: 2 | Apache-2.0" in english
    for said in ("Otra parte se escribió directamente en español", "lo escrito en español quedó como estaba"):
        assert said in spanish
    assert "El español de lo traducido nace de una traducción automática." in spanish
    assert "re-ranked; new records in Spanish." in flat(english)
    data = metadata_of(render_card(replace(FACTS, sources=(NEW, both))))
    assert data["source_datasets"] == ["extended|neovalle/H4rmony", "original"]


def test_what_was_written_in_spanish_alone_is_not_called_a_translation() -> None:
    text = render_card(replace(FACTS, sources=(NEW,)))
    check_offline("equipo/h4rmony-es", text)
    assert metadata_of(text)["source_datasets"] == ["original"]
    spanish, english = map(flat, halves(text))
    for said in ("traducido automáticamente", "nace de una traducción", "Obra derivada", "originales en inglés"):
        assert said not in spanish
    for said in ("machine-translated", "begins as a machine translation", "Derived from", "English originals"):
        assert said not in english
    assert "Los textos se escribieron en español" in spanish and "The texts were written in Spanish" in english
    assert "no contiene ningún texto suyo" in spanish and "without any text of it" in english
    assert "Un modelo escribió las respuestas" in spanish and "A model wrote the answers" in english
    assert "A model wrote" not in render_card(replace(FACTS, sources=(SAMPLE,)))


def test_twins_have_a_table_of_the_stories_that_are_preferred_and_nothing_else_has() -> None:
    found = (
        Story("agency", 12, Estimate(0.875, 0.7, 0.95, 24, 12)),
        Story("otro|<b>", 1, Estimate(0.5, items=1, records=1, reason="one_prompt")),
        Story("framing", 0, Estimate(None, reason="no_votes")),
        Story(ALL, 13, Estimate(0.86, 0.7, 0.94, 25, 12)),
    )
    spanish, english = halves(render_card(replace(FACTS, stories=found)))
    assert section(english, Wording("en")("stories_intro"))[2:] == [
        "| Agency: nobody acts | 12 | 24 | 87.5% [70.0, 95.0] |",
        "| otro&#124;&#60;b&#62; | 1 | 1 | 50.0% (no interval: one prompt only) |",
        "| Framing: nature as a commodity | 0 | 0 | n/a (no votes) |",
        "| All features | 13 | 25 | 86.0% [70.0, 94.0] |",
    ]
    assert "| Agencia: nadie actúa | 12 | 24 | 87,5\u00a0% [70,0; 95,0] |" in spanish
    assert all(Wording(language)("stories") not in render_card(FACTS) for language in ("es", "en"))


FORUM = SourceFacts("foro", 120, {"in_spanish": 120}, (), {"es": 110}, {"": 120})
ULTRA = SourceFacts("ultra", 40, {"translated": 40}, ("MIT",), {"es": 35}, {"MIT": 40})


@pytest.mark.parametrize("languages", [("es",), ENGLISH, BOTH])
def test_h4rmony_is_named_only_where_records_of_it_are_in_the_data(languages: tuple[str, ...]) -> None:
    plain = tuple(one for one in FACTS.issues if not one.name)
    facts = replace(FACTS, repo_id="equipo/foro-es", issues=plain, sources=(FORUM, ULTRA), languages=languages)
    text = render_card(facts)
    check_offline("equipo/foro-es", text)
    said = text.replace("h4rmony-es 9.8.7", "").replace("h4rmony publish", "")
    assert "neovalle" not in said.lower() and "ecoling" not in said.lower()
    assert "H4rmony" not in said.partition("## Columnas")[0]
    data = metadata_of(text)
    assert not {"h4rmony", "ecolinguistics"} & set(data["tags"]) and data["source_datasets"] == ["original"]
    assert data["pretty_name"].endswith(": foro-es")
    spanish, english = map(flat, halves(text))
    if "es" in languages:
        assert "Los textos vienen de foro y ultra, se tradujeron en parte automáticamente al español" in spanish
        assert "The texts come from foro and ultra, were in part machine-translated to Spanish" in english
    else:
        assert "Los textos son los originales de foro y ultra, sin cambios" in spanish
    assert "Derived from" not in text and "@misc{foro_es," in text and "@misc{h4rmony" not in text


def test_a_source_beside_h4rmony_is_named_beside_it() -> None:
    spanish, english = map(flat, halves(render_card(replace(FACTS, sources=(*FACTS.sources, ULTRA)))))
    assert "Se basa en [H4rmony]" in spanish and "Hay también registros de ultra;" in spanish
    assert "There are also records of ultra;" in english and "Derived from neovalle/H4rmony" in english
    both = replace(FACTS, sources=(*FACTS.sources, ULTRA), languages=ENGLISH)
    spanish, english = map(flat, halves(render_card(both)))
    assert "neovalle/H4rmony) y de ultra, sin cambios" in spanish
    assert "neovalle/H4rmony) and of ultra, unchanged" in english


def test_a_source_without_a_licence_binds_the_data_and_the_card_says_so() -> None:
    facts = replace(FACTS, sources=(FORUM, ULTRA))
    data = metadata_of(render_card(facts))
    assert (data["license"], data["license_name"]) == ("other", "cc-by-4.0-and-noassertion")
    assert data["license_details"] == (
        "The reviewers' work: CC BY 4.0. Sources: MIT: 40 records; NOASSERTION: 120 records. "
        "Machine translations: CC-BY-4.0: 30 records."
    )
    spanish, english = map(flat, halves(render_card(facts)))
    assert "Nadie ha declarado la licencia de 120 registros" in spanish and "licencias de las fuentes (" in spanish
    assert "| foro | escrito en español: 120 | no consta | 120 |" in spanish
    assert "Nobody has stated the licence of 120 records" in english
    stated = replace(FORUM, own={"": 20, "CC0-1.0": 100}, licences=("CC0-1.0",))
    assert "| CC0-1.0, not stated: 20 | 120 |" in render_card(replace(FACTS, sources=(stated,)))
    free = replace(FORUM, own={"CC0-1.0": 120}, licences=("CC0-1.0",))
    assert metadata_of(render_card(replace(FACTS, sources=(free,))))["license"] == "cc-by-4.0"


def test_only_the_most_frequent_types_and_the_largest_sources_have_a_line() -> None:
    types = tuple(Portion(f"tema {number}", 1, 1 / 50) for number in range(50))
    sources = tuple(SourceFacts(f"s{n:02}", n, {"in_spanish": n}, (), {"es": 1}, {"": n}) for n in range(1, 31))
    spanish, english = halves(render_card(replace(FACTS, types=types, sources=sources)))
    lines = section(spanish, "Por tipo:")
    assert len(lines) == 2 + 21 and " ".join(lines[-1].split()) == "| 30 valores más | 30 | 60,0 % |"
    lead = "Records and pairs by source; what was written in Spanish has pairs in one language only:"
    lines = section(english, lead)
    assert len(lines) == 2 + 21 and lines[2].startswith("| s30 |")
    assert lines[-1] == "| 10 more values | written in Spanish: 55 | not stated | 55 | Spanish: 10 |"
    assert "(sources: s30, s29, s28 and 27 more sources)" in flat(english)


def test_varieties_are_stated_by_their_codes_in_the_metadata_and_in_a_table() -> None:
    few = Estimate(None, reason="one_reviewer")
    mexico = VarietyLine("es-MX", 12, 10, 1, Estimate(0.5, 0.25, 0.75, 60, 12), few, 9, 30)
    unstated = VarietyLine("", 8, 10, 3, few, few, 0, 0)
    text = render_card(replace(FACTS, varieties=(mexico, unstated)))
    check_offline("equipo/h4rmony-es", text)
    assert metadata_of(text)["language_bcp47"] == ["es-MX"]
    spanish, english = halves(text)
    assert (
        "- **Variedades:** prompts: es-MX (12), no consta (8); respuestas: es-MX (10), no consta (10); "
        "revisores: es-MX (1), no consta (3)\n"
    ) in spanish
    assert "| es-MX (México) | 12 | 10 | 1 | 0,50 [0,25; 0,75] | n/d (un solo revisor) | 9 de 30 |" in spanish
    assert "| not stated | 8 | 10 | 3 | n/a (one reviewer only) | n/a (one reviewer only) | n/a |" in english
    plain = render_card(FACTS)
    assert "ariedad" not in plain.partition("## Columnas")[0] and "language_bcp47" not in metadata_of(plain)
    people = replace(mexico, prompts=0, answers=0)
    assert "language_bcp47" not in metadata_of(render_card(replace(FACTS, varieties=(people,))))
