"""The flags: a true and a false example of each, and their precision and recall on cases made by hand.

``CASES`` are translations as engines and people really get them wrong, and sound ones that a careless rule would
flag. Each names every flag that a careful person would give it.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.check.flags import _in_a_row, flagged, is_doubtful, text_flags
from tests.reviews import record
from workspace.memory.glossary import Term, load_glossary

LONG = "Rivers carry water, silt and life from the hills to the sea. They flood, and fields grow rich. They dry, and"
LONG += " fish wait in pools. We build dams, and all of this stops. A river is a whole."
LARGO = "Los ríos llevan agua, limo y vida de las colinas al mar. Se desbordan y los campos se enriquecen. Se secan y"
LARGO += " los peces esperan en pozas. Construimos presas y todo eso se detiene. Un río es un todo."

# (source, translation, the flags that it deserves)
CASES: list[tuple[str, str, set[str]]] = [
    # sound translations
    ("Why do rivers matter?", "¿Por qué importan los ríos?", set()),
    (LONG, LARGO, set()),
    ("No.", "No.", set()),
    ("Animal cultural natural.", "Animal cultural natural.", set()),
    ("Greenpeace España", "Greenpeace España", set()),
    ("It depends.", "Depende.", set()),
    ("Yes!", "¡Sí!", set()),
    ("What?!", "¡¿Qué?!", set()),
    ("Really? Why?", "¿De verdad? ¿Por qué?", set()),
    ("Is it true?", "¿Es verdad eso?, preguntó ella.", set()),
    ("He shouted: stop!", "Gritó: ¡alto!", set()),
    ("The sea (really?) is blue.", "El mar (?) es azul.", set()),
    ("See https://example.org/a?b=1 now", "Mira ahora https://example.org/a?b=1", set()),
    ("Write to info@rios.org.", "Escribe a info@rios.org.", set()),
    ("It fell by 1,000.5 mm", "Bajó 1.000,5 mm", set()),
    ("About 2 million people", "Unos dos millones de personas", set()),
    ("It cost 1.5 billion dollars", "Costó 1500 millones de dólares", set()),
    ("In the 19th century", "En el siglo XIX", set()),
    ("In the 1990s", "En los años 90", set()),
    ("We met at 3 p.m.", "Quedamos a las 15 h", set()),
    ("Give 3 reasons.", "Da tres razones.", set()),
    ("The 1st and the 2nd", "El primero y el segundo", set()),
    ("There are 10 000 trees", "Hay 10.000 árboles", set()),
    ("Very, very, very big", "Muy, muy, muy grande", set()),
    ("Save, reuse, mend. Save, reuse, mend.", "Ahorra, reutiliza, repara. Ahorra, reutiliza, repara.", set()),
    ("Bye bye", "Adiós, adiós", set()),
    ("Protect wetlands.", "Protege los humedales.", set()),
    ("Carbon sinks matter.", "Los sumideros de carbono importan.", set()),
    ("The keystone species of the reef", "Las especies clave del arrecife", set()),
    ("An ecocentric view", "Una mirada ecocéntrica", set()),
    ("Rewilding works.", "La renaturalización funciona.", set()),
    ("He is a keynote speaker.", "Es el ponente principal.", set()),
    ("Water and trees:", "Agua y árboles:", set()),
    ("Plant trees\nSave water\nEat beans", "Planta árboles\nAhorra agua\nCome alubias", set()),
    ("Take care of the soil.", "Cuida el suelo", set()),
    ("The forest", "El bosque que respira", set()),
    ("Bees, bats and birds pollinate.", "Las abejas, los murciélagos y las aves polinizan.", set()),
    ("OK, thanks a lot for that!", "¡Muchas gracias!", set()),
    ("Amazon, Congo and Borneo", "Amazonas, Congo y Borneo", set()),
    ("Climate change is here.", "El cambio climático ya está aquí.", set()),
    # untranslated, wrong language
    ("It depends on the river and on who lives there.", "It depends on the river and on who lives there.",
     {"unknown_words", "untranslated", "wrong_language"}),
    ("Trees are not mere timber for us.", "Trees are not mere timber para us.",
     {"unknown_words", "untranslated", "wrong_language"}),
    ("What is it?", "What is it?", {"untranslated", "missing_inverted"}),
    ("They live.", "", {"untranslated"}),
    ("Rivers are important for all of us.", "Les rivières sont importantes pour nous tous.",
     {"unknown_words", "wrong_language"}),
    ("Rivers are living beings and deserve our care.", "Os rios são seres vivos e merecem o nosso cuidado.",
     {"unknown_words", "wrong_language"}),
    ("Rivers are important for the life of the valley.", "Els rius són importants per a la vida de la vall.",
     {"unknown_words", "wrong_language"}),
    ("Forests breathe and we breathe with them every single day.",
     "Wälder atmen, und wir atmen jeden Tag mit ihnen.", {"unknown_words", "wrong_language"}),
    ("First we listen to the people of the river and to the river.\nThen we plan with them what the valley needs.",
     "Primero escuchamos a la gente del río y al río.\nThen we plan with them what the valley needs and we write it"
     " down.", {"unknown_words", "wrong_language"}),
    # unknown words
    ("Microplastics are the silent invaders of our oceans.",
     "Los microplásticos son los silenciosos invaders de nuestros océanos.", {"unknown_words"}),
    ("It is good for all of us.", "Creemos queesbien para todos.", {"unknown_words"}),
    ("Let us look after them: bike lanes, refillable bottles and Birmingham's compost.",
     "Cuidémoslos: carriles bici, botellas refillable y el abono de Birmingham.", {"unknown_words"}),
    ("Tell her about it sincerely, and bring him the seeds.", "Cuéntaselo sinceramente y llévale semillas.", set()),
    # length
    ("The meadow hums with bees, and every flower is a table laid for somebody small.", "Hay abejas.",
     {"length_ratio"}),
    ("Whales sing.", "Las ballenas cantan canciones muy largas y muy hermosas en el fondo oscuro del mar profundo.",
     {"length_ratio"}),
    ("Moss is patient.",
     "El musgo es paciente. Nota del traductor: el musgo es una planta sin raíces ni flores ni fruto.",
     {"length_ratio"}),
    # inverted marks
    ("How do you see forests?", "Cómo ves los bosques?", {"missing_inverted"}),
    ("Save the bees!", "Salva a las abejas!", {"missing_inverted"}),
    ("Why? And when?", "¿Por qué? Y cuándo?", {"missing_inverted"}),
    ("What do rivers need?", "Qué necesitan los ríos", {"missing_inverted"}),
    ("Come and see! It is spring.", "Ven a ver! Es primavera.", {"missing_inverted"}),
    # numbers
    ("It fell by 40 percent in 2019.", "Bajó un 40 por ciento.", {"numbers_lost"}),
    ("Only 12 wolves are left.", "Solo quedan 21 lobos.", {"numbers_lost"}),
    ("From 1.5 to 2 degrees", "Hasta 2 grados", {"numbers_lost"}),
    ("In 1992 they met in Rio.", "Se reunieron en Río.", {"numbers_lost"}),
    ("Wait 90 days.", "Espera unos días.", {"numbers_lost"}),
    ("It is 5 miles away.", "Está a ocho kilómetros.", {"numbers_lost"}),
    # addresses
    ("Read https://example.org/rios first.", "Lee primero https://ejemplo.org/ríos.", {"urls_lost"}),
    ("Write to ana@rios.org.", "Escribe a Ana.", {"urls_lost"}),
    ("See www.iucn.org today.", "Míralo hoy.", {"urls_lost"}),
    # code, formulas, tags and placeholders
    ("Call get_flow and stop.", "Llama a coge_flujo y para.", {"markup_changed"}),
    ("Half is $\\frac{a}{b}$ of it.", "La mitad es $\\frac{Un}{b}$ de eso.", {"markup_changed"}),
    ("Run:\n```\nfor tree in forest: print(tree)\n```", "Ejecuta:\n```\nPara árbol en bosque: Huella(árbol)\n```",
     {"markup_changed"}),
    ("Keep <b>old</b> trees, {name}.", "Conserva los <b>árboles</b> viejos, {nombre}.", {"markup_changed"}),
    ("Run:\n```python\nprint('a tree')  # all\n```", "Ejecuta:\n```python\nprint('un árbol')  # todo\n```",
     set()),
    ("```\nfor tree in the forest:\n    plant(tree)\n```", "```\nfor tree in the forest:\n    plant(tree)\n```",
     set()),
    ("Write `the old tree` in \\(x^2\\).", "Escribe `the old tree` en \\(x^2\\).", set()),
    ("It costs $5, or $6 for two.", "Cuesta 5 dólares, o 6 por dos.", set()),
    # glossary
    ("Rewilding brings wolves back.", "El reasalvajamiento trae de vuelta a los lobos.",
     {"glossary_missed", "unknown_words"}),
    ("Peat is a carbon sink.", "La turba es un fregadero de carbono.", {"glossary_missed"}),
    ("We need stewardship of the land.", "Necesitamos mayordomía sobre el campo.", {"glossary_missed"}),
    ("Stop factory farming.", "Alto a la agricultura de fábrica.", {"glossary_missed"}),
    ("Fossil fuels heat the air.", "Los aceites fósiles calientan el aire.", {"glossary_missed"}),
    # truncated
    ("Forests give us shade, food and air, and ask for nothing.", "Los bosques nos dan sombra, comida y",
     {"truncated"}),
    ("The river feeds the valley and the people of the valley.", "El río alimenta el valle y a la gente de",
     {"truncated"}),
    (LONG, "Los ríos llevan agua, limo y vida de las colinas al mar. Se desbordan y los campos se",
     {"truncated", "length_ratio"}),
    (LONG, "Los ríos llevan agua, limo y vida de las colinas al mar. Se desbordan y los campos se enriquecen mucho.",
     {"truncated"}),
    # repeated
    ("The trees are old.", "Los árboles los árboles los árboles son viejos.", {"repeated"}),
    ("Nature needs time to heal its wounds.", "La naturaleza necesita tiempo para sanar tiempo para sanar tiempo para"
     " sanar sus heridas.", {"repeated"}),
    ("We share the earth with all others.",
     "Compartimos la tierra con todos los demás compartimos la tierra con todos los demás.", {"repeated"}),
    ("No way.", "No no no no no.", {"repeated"}),
]  # fmt: skip

GLOSSARY = load_glossary()
FLAGS = (
    "glossary_missed", "length_ratio", "markup_changed", "missing_inverted", "numbers_lost", "repeated", "truncated",
    "unknown_words", "untranslated", "urls_lost", "wrong_language",
)  # fmt: skip


def test_there_are_cases_enough_and_each_flag_has_three_true_ones() -> None:
    assert len(CASES) >= 60
    for flag in FLAGS:
        assert sum(flag in deserved for _, _, deserved in CASES) >= 3, flag


def test_each_flag_is_precise_and_finds_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    given = [set(text_flags(source, text, "es", GLOSSARY)) for source, text, _ in CASES]
    table = {}
    for flag in FLAGS:
        true = sum(flag in got and flag in case[2] for got, case in zip(given, CASES, strict=True))
        table[flag] = (true, sum(flag in got for got in given), sum(flag in c[2] for c in CASES))
    lines = [f"{'flag':<18}{'true':>5}{'given':>6}{'cases':>6}{'precision':>10}{'recall':>8}  ({len(CASES)} cases)"]
    for name, (true, got, cases) in table.items():
        lines.append(f"{name:<18}{true:>5}{got:>6}{cases:>6}{true / max(got, 1):>10.2f}{true / cases:>8.2f}")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    for name, (true, got, cases) in table.items():
        assert true / max(got, 1) >= 0.9, name
        assert true / cases >= 0.75, name


@pytest.mark.parametrize(
    ("flag", "source", "wrong", "right"),
    [
        ("untranslated", "Trees are alive and well.", "Trees are alive and well.", "Los árboles viven y están bien."),
        ("wrong_language", "Rivers are important for us.", "Les rivières sont importantes pour nous.",
         "Los ríos son importantes para nosotros."),
        ("length_ratio", "The meadow hums with bees and flies all day.", "Zumba.",
         "El prado zumba de abejas y moscas todo el día."),
        ("missing_inverted", "Why?", "Por qué?", "¿Por qué?"),
        ("numbers_lost", "It rained 30 days.", "Llovió mucho.", "Llovió treinta días."),
        ("urls_lost", "See https://rios.org/a.", "Mira la página.", "Mira https://rios.org/a."),
        ("markup_changed", "Use `x_1`.", "Usa `x 1`.", "Usa `x_1`."),
        ("glossary_missed", "A wetland.", "Una tierra mojada.", "Un humedal."),
        ("truncated", "We care for the land.", "Cuidamos de la", "Cuidamos de la tierra."),
        ("repeated", "The sea.", "El mar mar mar.", "El mar."),
        ("unknown_words", "Old timber.", "La timber vieja.", "La madera vieja de Uppsala."),
    ],
)  # fmt: skip
def test_a_true_and_a_false_example(flag: str, source: str, wrong: str, right: str) -> None:
    assert flag in text_flags(source, wrong, "es", GLOSSARY)
    assert text_flags(source, right, "es", GLOSSARY) == ()


def test_each_number_counts_as_often_as_it_stands() -> None:
    assert text_flags("From 30 to 30 days", "Hasta 30 días", "es") == ("numbers_lost",)
    assert text_flags("From 30 to 30 days", "De 30 a 30 días", "es") == ()


def test_a_text_that_just_stops_is_truncated_and_one_that_lacks_its_full_stop_is_not() -> None:
    source = "The river feeds the valley and the people of the whole valley."
    assert text_flags(source, "El río alimenta el valle y toda su gente", "es") == ("truncated",)
    assert text_flags(source, "El río alimenta el valle y a la gente de todo el valle", "es") == ()


def test_one_long_line_in_another_language_is_found_inside_a_long_text() -> None:
    english = "Then we plan with the people of the valley what the river needs, and we write it all down."
    assert text_flags(LONG, LARGO, "es") == ()
    mixed = text_flags(f"{LONG}\n{english}\n{LONG}", f"{LARGO}\n{english}\n{LARGO}", "es")
    assert "wrong_language" in mixed


def test_rules_of_spanish_are_for_spanish_alone() -> None:
    assert text_flags("Why a wetland?", "Per què un aiguamoll?", "ca", GLOSSARY) == ()
    assert text_flags("Why now?", "Por qué agora?", "ast") == ("missing_inverted",)
    english = "It depends on the river and on who lives there."
    assert "wrong_language" not in text_flags(english, english, "ast"), "the detector does not know Asturian"


def test_a_record_gets_the_flags_of_all_its_texts_once_and_loses_old_ones() -> None:
    bad = record(7, spanish=("Por qué importan?", "Viven.", "Depende!", "Son útiles."))
    done = flagged(bad, GLOSSARY)
    assert done.metadata["flags"] == ["missing_inverted", "numbers_lost"]
    assert replace(done, metadata=bad.metadata) == bad
    assert flagged(done, GLOSSARY) is done
    assert bad.translation
    assert done.translation
    mended = replace(
        done, translation=replace(done.translation, prompt="¿Por qué importan? (7)", answers=("Viven.",) * 3)
    )
    assert "flags" not in flagged(mended).metadata
    assert flagged(record(8)) is not None
    assert flagged(record(8)).metadata == record(8).metadata


SOUND_BUT_ONE = "En el valle hay timber de sobra, y la gente lo aprovecha con cuidado y sin prisa, como siempre."


def test_only_texts_that_are_sure_to_be_wrong_are_not_suggested() -> None:
    doubtful = record(9, spanish=("¿Y los timber wells?", "Son queesbien.", SOUND_BUT_ONE, ""))
    done = flagged(doubtful, GLOSSARY)
    assert done.metadata["unsuggested"] == [0, 1], (
        "one unknown word among many does not count, nor does an empty text"
    )
    assert flagged(done, GLOSSARY) is done
    sound = replace(done, translation=record(9).translation)
    assert flagged(sound, GLOSSARY).metadata == record(9).metadata
    for flag in ("repeated", "truncated", "untranslated", "wrong_language"):
        assert is_doubtful("La madera vieja.", (flag,))
    for flag in (
        "glossary_missed",
        "length_ratio",
        "markup_changed",
        "missing_inverted",
        "numbers_lost",
        "urls_lost",
    ):
        assert not is_doubtful("La madera vieja.", (flag,))


def test_a_record_without_a_translation_or_that_is_its_own_has_no_flags() -> None:
    assert "flags" not in flagged(record(1, spanish=None)).metadata
    own = record(1)
    assert own.translation
    own = replace(own, translation=replace(own.translation, engine="original", prompt=own.prompt))
    assert "flags" not in flagged(own).metadata


def test_a_glossary_of_one_s_own_is_used() -> None:
    terms = (Term("wetland", ("aguazal",)),)
    assert text_flags("A wetland.", "Un humedal.", "es", terms) == ("glossary_missed",)
    assert text_flags("", "Un humedal.", "es", terms) == ()


@given(st.lists(st.sampled_from("ab"), max_size=14), st.integers(1, 4))
def test_a_phrase_in_a_row_is_counted_as_one_would_by_hand(words: list[str], length: int) -> None:
    ways = [(start, times) for start in range(len(words)) for times in range(1, len(words) // length + 1)]
    by_hand = [
        times
        for start, times in ways
        if words[start : start + length] * times == words[start : start + times * length]
    ]
    assert _in_a_row(words, length) == max(by_hand, default=0)
