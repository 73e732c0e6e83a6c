"""What the dataset card says of names that stand in the data: each in Spanish and in English.

Whoever adds a column, a reason or a status adds its words here; tests hold the tables against the code.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The same in Spanish and in English."""

    es: str
    en: str


REASONS: dict[str, Words] = {
    "no_votes": Words("nadie ha enviado una papeleta que cuente", "no reviewer submitted a ballot that counts"),
    "discarded": Words(
        "nadie ha enviado una papeleta, y una descartada dice que no se puede ordenar o que es dañino",
        "no reviewer submitted a ballot, and a discarded one says that it cannot be ranked or is harmful",
    ),
    "not_rankable": Words(
        "al menos la mitad de las papeletas dice que no se puede ordenar",
        "at least half of the ballots say that it cannot be ranked",
    ),
    "too_many_answers": Words("demasiadas respuestas para el método", "too many answers for the method"),
    "too_few_reviewers": Words("menos votos de los exigidos", "fewer votes than asked for"),
    "tie": Words("empate", "tie"),
    "cycle": Words("las mayorías forman un ciclo", "the majorities form a cycle"),
    "not_unanimous": Words("no todos los votos coinciden", "not every vote is for the same answer"),
    "against_majority": Words(
        "los órdenes óptimos de Kemeny invierten la mayoría", "Kemeny's optimal orders turn the majority round"
    ),
    "several_optima": Words("varios órdenes son igual de buenos", "several orders are equally good"),
    "margin_too_small": Words("margen menor que el exigido", "margin below the one asked for"),
    "equal_texts": Words(
        "las dos respuestas son iguales tras la revisión", "both answers read the same after review"
    ),
    "missing_text": Words("falta un texto", "a text is missing"),
    "unreviewed_text": Words(
        "un texto es de la máquina y nadie envió ninguno", "a text is the machine's, and no reviewer submitted one"
    ),
}
STATUSES: dict[str, Words] = {
    "submitted": Words(
        "enviada: cuenta como voto, salvo que diga que no se puede ordenar",
        "submitted: counts as a vote, unless it says that it cannot be ranked",
    ),
    "draft": Words("borrador: no cuenta", "draft: not counted"),
    "discarded": Words("descartada: no cuenta", "discarded: not counted"),
}
# the row for submitted ballots that count nowhere: what it is called, and what it is
WEIGHTLESS = Words("de peso 0", "of weight 0")
WEIGHTLESS_IS = Words(
    "las enviadas por revisores con peso 0: no cuentan",
    "those of the submitted ones whose reviewer has weight 0: not counted",
)
NO_COMMENTS = Words("vacío: los comentarios no se publican", "empty: comments are not published")
CHOICES: dict[str, Words] = {
    "agreed": Words("una versión tiene más revisores que las demás", "one version has more reviewers than any other"),
    "closest": Words(
        "varias empatan; queda la más parecida a todas (chrF)",
        "several tie; the one closest to all others by chrF stands",
    ),
    "machine": Words("traducción automática sin revisar", "machine translation, not reviewed"),
    "original": Words("el texto de la fuente", "the source's own text"),
    "missing": Words("no hay texto", "there is no text"),
}
LEFT_OUT: dict[str, Words] = {
    "mixed": Words("gana unos pares y pierde otros", "it wins some pairs and loses others"),
    "no_pair": Words("no está en ningún par", "it is in no pair"),
    "same_text": Words("se lee igual que otra", "it reads the same as another"),
    "no_single_best": Words("ninguna respuesta gana a todas las demás", "no answer wins against all others"),
    "not_in_english": Words(
        "la fuente no está en inglés, así que no hay original en inglés",
        "the source is not in English, so there is no English original",
    ),
}
PROBLEMS: dict[str, Words] = {
    "bad_translation": Words("mala traducción", "bad translation"),
    "not_rankable": Words("no se puede ordenar", "cannot be ranked"),
    "false_fact": Words("dato falso", "false fact"),
    "harmful": Words("contenido dañino", "harmful content"),
}
ISSUES: dict[str, Words] = {
    "PWM": Words("contaminación y gestión de residuos", "pollution and waste management"),
    "CCEU": Words("cambio climático y uso de la energía", "climate change and energy use"),
    "NRMB": Words("recursos naturales y biodiversidad", "natural resource management and biodiversity"),
    "WA": Words("fauna silvestre y agricultura", "wildlife and agriculture"),
    "SC": Words("retos sociales", "societal challenges"),
}
FIGURES: dict[str, Words] = {
    "alpha_ranks": Words(
        "alfa de Krippendorff, ordinal, sobre los puestos", "Krippendorff's alpha, ordinal, over ranks"
    ),
    "alpha_pairs": Words(
        "alfa de Krippendorff, nominal, sobre los pares", "Krippendorff's alpha, nominal, over pairs"
    ),
    "tau_reviewers": Words("tau-b de Kendall media entre revisores", "mean Kendall's tau-b between reviewers"),
    "tau_source": Words("tau-b de Kendall media con la fuente", "mean Kendall's tau-b with the source"),
    "tau_verify": Words(
        "tau-b con la fuente, orden conocido ya puesto (verify)",
        "tau-b with the source, known ranking filled in (verify)",
    ),
    "tau_blind": Words("tau-b con la fuente, a ciegas (blind)", "tau-b with the source, without it (blind)"),
    "tau_difference": Words("diferencia de tau-b, verify menos blind", "difference of tau-b, verify minus blind"),
}
NOT_AVAILABLE: dict[str, Words] = {
    "no_votes": Words("no hay votos", "no votes"),
    "one_reviewer": Words("hacen falta dos revisores", "it takes two reviewers"),
    "no_overlap": Words("ningún registro tiene dos votos", "no record has two votes"),
    "no_variation": Words("todos los valores son iguales", "all values are equal"),
    "constant_ranks": Words("los órdenes dejan empatadas todas las respuestas", "the rankings tie all answers"),
    "no_source_ranking": Words("la fuente no ordena las respuestas", "the source does not rank the answers"),
    "one_mode": Words("falta uno de los dos modos", "one of the two modes is missing"),
    "few_expected": Words("muy pocos datos", "too few data"),
    "no_texts": Words("no hay textos revisados", "no reviewed texts"),
    "one_record": Words("un solo registro, sin intervalo", "one record only, no interval"),
    "unstable": Words("intervalo inestable", "unstable interval"),
}
KINDS: dict[str, Words] = {
    "string": Words("texto", "text"),
    "int64": Words("entero", "integer"),
    "double": Words("número", "number"),
    "bool": Words("sí/no", "yes/no"),
    "list<string>": Words("lista de textos", "list of texts"),
    "list<int64>": Words("lista de enteros", "list of integers"),
    "list<message>": Words("lista de mensajes {role, content}", "list of messages {role, content}"),
}
CONFIGS: dict[str, Words] = {
    "dpo": Words("pares conversacionales con el prompt aparte", "conversational pairs with an explicit prompt"),
    "dpo-standard": Words("pares de texto sin formato", "pairs of plain text"),
    "kto": Words("respuestas sueltas, buenas o malas", "single answers, good or bad"),
    "reward": Words("pares con margen, para modelos de recompensa", "pairs with a margin, for reward models"),
    "sft": Words("la mejor respuesta de cada prompt", "the best answer to each prompt"),
    "orpo": Words("pares para ORPO", "pairs for ORPO"),
    "h4rmony": Words("las columnas propias de H4rmony", "H4rmony's own columns"),
    "lm-eval": Words("preguntas de opción múltiple para evaluar", "multiple-choice questions for evaluation"),
    "ballots": Words(
        "todas las papeletas, con los revisores bajo seudónimo, y lo que se les mostró",
        "every ballot, its reviewer under a pseudonym, and what the reviewer was shown",
    ),
}
# the settings that shape the data; those of the files that were written are in no table
SETTINGS: dict[str, Words] = {
    "languages": Words("idioma de los textos", "language of the texts"),
    "method": Words("cómo se unen los votos", "how the votes are merged"),
    "min_reviewers": Words("votos que necesita un par", "votes that a pair needs"),
    "min_margin": Words("margen que un par ha de superar, por voto", "margin that a pair must exceed, per vote"),
    "weights": Words("pesos de los revisores", "weights of the reviewers"),
    "unreviewed": Words("con lo que nadie ha revisado", "with what nobody has reviewed"),
    "test_share": Words("parte de los prompts en test", "share of the prompts in test"),
}
METHODS: dict[str, Words] = {
    "margins": Words("margins: la mayoría de cada par", "margins: the majority on each pair"),
    "unanimous": Words("unanimous: solo si todos los votos coinciden", "unanimous: only if all votes agree"),
    "kemeny": Words("kemeny: los órdenes óptimos de Kemeny", "kemeny: Kemeny's optimal orders"),
}
LANGUAGES: dict[str, Words] = {"es": Words("español", "Spanish"), "en": Words("inglés", "English")}
