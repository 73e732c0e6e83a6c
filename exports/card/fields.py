"""What the dataset card says of each column of the published tables, in Spanish and in English."""

from __future__ import annotations

from exports.card.words import Words

FIELDS: dict[str, Words] = {
    "prompt": Words("el prompt", "the prompt"),
    "chosen": Words("la respuesta preferida", "the preferred answer"),
    "rejected": Words("la otra respuesta", "the other answer"),
    "id": Words("registro e índices de las respuestas", "record and indices of the answers"),
    "record_id": Words("registro", "record"),
    "chosen_rank": Words("puesto de la preferida según los revisores", "the reviewers' rank of the preferred answer"),
    "rejected_rank": Words("puesto de la otra según los revisores", "the reviewers' rank of the other answer"),
    "wins": Words("votos por la preferida", "votes for the preferred answer"),
    "losses": Words("votos por la otra", "votes for the other answer"),
    "ties": Words("votos de empate", "votes for a tie"),
    "reviewers": Words("votos en total", "all votes"),
    "compared_ranks": Words(
        "puestos en la fuente, primero el de la preferida", "the source's ranks, the preferred answer's first"
    ),
    "language": Words("idioma de los textos", "language of the texts"),
    "issues": Words("códigos de tema de H4rmony", "H4rmony's issue codes"),
    "type": Words("pregunta (Question) o instrucción (Prompt)", "question or instruction (Prompt)"),
    "source": Words("fuente del registro", "source of the record"),
    "translation_engine": Words("traductor automático y su versión", "machine translator and its version"),
    "text_choice": Words("cómo se fijó cada texto (véase abajo)", "how each text was settled (see below)"),
    "text_support": Words("revisores que dieron ese texto", "reviewers who gave that text"),
    "reviewed": Words(
        "sí: alguien ordenó las respuestas, y cada texto lo envió un revisor o es el de la fuente",
        "yes: people ranked the answers, and submitted each text or it is the source's own",
    ),
    "weighted_margin": Words(
        "votos a favor menos en contra, con pesos; vacío si no los hay",
        "wins minus losses, in weights; empty where there are none",
    ),
    "margin": Words("votos a favor menos en contra, entre los votos", "wins minus losses, divided by the votes"),
    "method": Words(
        "cómo se unieron los votos; source: orden de la fuente, sin revisar",
        "how the votes were merged; source: the source's order, not reviewed",
    ),
    "completion": Words("la respuesta", "the answer"),
    "label": Words(
        "sí: gana todos sus pares; no: los pierde todos", "yes: it wins all its pairs; no: it loses all of them"
    ),
    "answer_rank": Words("puesto de la respuesta según los revisores", "the reviewers' rank of the answer"),
    "source_rank": Words("puesto de la respuesta en la fuente", "the source's rank of the answer"),
    "pairs_won": Words("pares que gana", "pairs that it wins"),
    "pairs_lost": Words("pares que pierde", "pairs that it loses"),
    "best": Words("índice de la mejor respuesta, desde 0", "index of the best answer, from 0"),
    "answer_order": Words("qué respuesta del registro está en cada lugar", "which answer of the record stands where"),
    "lang": Words("idioma: spa, eng u otro código ISO", "language: spa, eng or another ISO code"),
    # H4rmony's own columns
    "Id": Words("id de la fila en la fuente", "id of the row in the source"),
    "PromptID": Words("id del prompt en la fuente", "id of the prompt in the source"),
    "Prompt": Words("el prompt", "the prompt"),
    "BetterCompletion": Words("la respuesta preferida", "the preferred answer"),
    "WorseCompletion": Words("la otra respuesta", "the other answer"),
    "Reward": Words("como en la fuente", "as in the source"),
    "PWM": Words("tema: contaminación y gestión de residuos", "issue: pollution and waste management"),
    "CCEU": Words("tema: cambio climático y uso de la energía", "issue: climate change and energy use"),
    "NRMB": Words("tema: recursos naturales y biodiversidad", "issue: natural resource management and biodiversity"),
    "WA": Words("tema: fauna silvestre y agricultura", "issue: wildlife and agriculture"),
    "SC": Words("tema: retos sociales", "issue: societal challenges"),
    "CognitiveStructure": Words("estructura cognitiva (ecolingüística)", "cognitive structure (ecolinguistics)"),
    "Type": Words("pregunta (Question) o instrucción (Prompt)", "question or instruction (Prompt)"),
    "Language": Words("idioma de los textos", "language of the texts"),
    "PromptOriginator": Words("quién o qué escribió el prompt", "who or what wrote the prompt"),
    "BetterCompletionOrigin": Words("quién o qué escribió la preferida", "who or what wrote the preferred answer"),
    "WorseCompletionOrigin": Words("quién o qué escribió la otra", "who or what wrote the other answer"),
    "ComparedRanks": Words("puestos comparados", "the ranks compared"),
    "Contributor": Words("como en la fuente", "as in the source"),
    "Comments": Words("comentarios de la fuente", "the source's comments"),
    # the ballots
    "reviewer": Words("seudónimo del revisor", "the reviewer's pseudonym"),
    "status": Words("estado de la papeleta", "status of the ballot"),
    "updated_at": Words("día del último cambio", "day of the last change"),
    "mode": Words(
        "orden conocido ya puesto (verify) o no (blind)", "known ranking filled in (verify) or not (blind)"
    ),
    "ranks": Words("puesto de cada respuesta; iguales son empate", "rank of each answer; equal ones are a tie"),
    "answers": Words("las respuestas", "the answers"),
    "problems": Words("problemas señalados", "problems reported"),
    "comment": Words("comentario del revisor", "the reviewer's comment"),
    "source_prompt": Words("el prompt en la fuente", "the source's prompt"),
    "source_answers": Words("las respuestas en la fuente", "the source's answers"),
    "source_ranks": Words("puesto de cada respuesta en la fuente", "the source's rank of each answer"),
    "machine_prompt": Words("traducción automática del prompt", "machine translation of the prompt"),
    "machine_answers": Words("traducción automática de las respuestas", "machine translation of the answers"),
}
