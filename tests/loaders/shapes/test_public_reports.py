"""How preference data arrives, by the reports and pages that tell of it: what is right, and that it is so.

Every input is ours, in the shape of the page; no data of it. ``right`` says what a person would expect.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from exports import explode
from loaders import implode
from loaders.source.read import read_table
from workspace.errors import DataError

HUB = "https://huggingface.co/datasets/"
Q, GOOD, BAD, SOME = "Trees?", "Keep them.", "Fell them.", "Some."
KEEP_OR_FELL = {GOOD: 1, BAD: 2}
THREE = {GOOD: 1, SOME: 2, BAD: 3}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def gemini(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": text}]}


def chatml(role: str, text: str) -> str:
    return f"<|im_start|>{role}\n{text}<|im_end|>\n"


def oasst(number: str, parent: str | None, text: str, **more: Any) -> dict[str, Any]:
    role = "assistant" if "rank" in more or "replies" in more else "prompter"
    return {"message_id": number, "parent_id": parent, "text": text, "role": role, "lang": "es", "rank": None, **more}


def tree(prompt: str, *replies: dict[str, Any]) -> dict[str, Any]:
    return {"message_tree_id": prompt, "prompt": {**oasst("1", None, prompt), "replies": [*replies]}}


def ranking(*ranks: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"value": name, "rank": rank} for name, rank in ranks]


def pairwise(side: str) -> dict[str, Any]:
    return {"type": "pairwise", "value": {"selected": side}, "to_name": "answer1,answer2"}


def rating(name: str, stars: int) -> dict[str, Any]:
    return {"type": "rating", "value": {"rating": stars}, "to_name": name}


@dataclass(frozen=True)
class Report:
    """One way in which data arrives.

    Attributes:
        page: where it is told of.
        right: what a person would expect, in one sentence.
        data: the JSON file.
        ranks: of the answers of each record, by its prompt.
        before: what was said before the prompt, in every record.
        left_out: the reason of each row that cannot be used.
        refused: what the one line says if the file is refused.
    """

    page: str
    right: str
    data: Any
    ranks: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    refused: str = ""


REPORTS: dict[str, Report] = {
    "Gemini's preference tuning": Report(
        "https://cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-preference-tuning-prepare",
        "The parts of a turn are its text, a higher score is better, the system instruction is context.",
        [
            {
                "system_instruction": {"parts": [{"text": "Be kind."}]},
                "contents": [gemini("user", Q)],
                "completions": [
                    {"score": 0, "completion": gemini("model", BAD)},
                    {"score": 1, "completion": gemini("model", GOOD)},
                ],
            }
        ],
        {Q: KEEP_OR_FELL},
        ("Be kind.",),
    ),
    "NeMo RL": Report(
        "https://github.com/NVIDIA-NeMo/RL/pull/673",
        "The context ends with the prompt, rank 0 is the best, and each completion is a conversation.",
        [
            {
                "context": [user(Q)],
                "completions": [
                    {"rank": 1, "completion": [assistant(BAD)]},
                    {"rank": 0, "completion": [assistant(GOOD)]},
                ],
            }
        ],
        {Q: KEEP_OR_FELL},
    ),
    "HelpSteer3, from -3 to 3": Report(
        HUB + "nvidia/HelpSteer3",
        "Below 0 the first answer is better, above 0 the second, and 0 is a tie; 1 is not the first.",
        [
            {"context": [user(Q)], "response1": BAD, "response2": GOOD, "overall_preference": 1},
            {"context": [user("Rivers?")], "response1": GOOD, "response2": BAD, "overall_preference": -3},
            {"context": [user("Seas?")], "response1": GOOD, "response2": BAD, "overall_preference": 0},
        ],
        {Q: KEEP_OR_FELL, "Rivers?": KEEP_OR_FELL, "Seas?": {GOOD: 1, BAD: 1}},
    ),
    "a scale of somebody else": Report(
        HUB + "CarlOwOs/HelpSteer3-Processed",
        "Numbers below 0 in a column that no data set is known by may mean either answer: the user says which.",
        [{"prompt": Q, "answer_a": BAD, "answer_b": GOOD, "preference": -2}],
        refused="'preference' is -2, which may mean either of 'answer_a' and 'answer_b'; write a, b or tie into it",
    ),
    "PKU-SafeRLHF has two preferences": Report(
        HUB + "PKU-Alignment/PKU-SafeRLHF",
        "The more helpful and the safer answer are two questions: the user says which counts.",
        [{"prompt": Q, "response_0": BAD, "response_1": GOOD, "better_response_id": 0, "safer_response_id": 1}],
        refused="give --map preference=better_response_id or --map preference=safer_response_id",
    ),
    "PKU-SafeRLHF with one preference": Report(
        HUB + "PKU-Alignment/PKU-SafeRLHF-single-dimension",
        "0 is the answer whose column ends with 0.",
        [{"prompt": Q, "response_0": BAD, "response_1": GOOD, "better_response_id": 1}],
        {Q: KEEP_OR_FELL},
    ),
    "SHP calls the first answer 1": Report(
        HUB + "stanfordnlp/SHP",
        "1 means that the answer of column A is better, 0 that B is.",
        [
            {"history": Q, "human_ref_A": GOOD, "human_ref_B": BAD, "labels": 1, "score_A": 52, "score_B": 4},
            {"history": "Rivers?", "human_ref_A": BAD, "human_ref_B": GOOD, "labels": 0, "score_A": 2, "score_B": 4},
        ],
        {Q: KEEP_OR_FELL, "Rivers?": KEEP_OR_FELL},
    ),
    "Nectar's prompts are transcripts": Report(
        HUB + "berkeley-nest/Nectar",
        "What Human said last is the prompt, without the marks of the transcript; what was said before is context.",
        [
            {
                "prompt": f"\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: {Q}\n\nAssistant: ",
                "answers": [{"answer": t, "rank": float(r)} for r, t in enumerate((GOOD, SOME, BAD), start=1)],
            }
        ],
        {Q: THREE},
        ("Hi", "Hello."),
    ),
    "a rating that was not given": Report(
        "https://github.com/argilla-io/distilabel/pull/1182",
        "An answer without a rating (null, N/A) has an open place; the others are ordered all the same.",
        [{"instruction": Q, "generations": [GOOD, SOME, BAD], "ratings": ["5", "N/A", None]}],
        {Q: {GOOD: None, SOME: None, BAD: None}},
    ),
    "a rating in words": Report(
        "https://github.com/argilla-io/distilabel/pull/1182",
        "A word that is no number orders nothing: the row is left out and the word is said.",
        [
            {"instruction": Q, "generations": [GOOD, BAD], "ratings": [5, "high"]},
            {"instruction": "Rivers?", "generations": [GOOD, BAD], "ratings": [5, 1]},
        ],
        {"Rivers?": KEEP_OR_FELL},
        left_out=("no_order",),
    ),
    "ranks as ordinal numbers": Report(
        "https://github.com/LAION-AI/Open-Assistant/issues/674",
        "1st and 2.º are ranks.",
        [{"prompt": Q, "completions": [BAD, GOOD, SOME], "ranks": ["3rd", "1.º", "2nd"]}],
        {Q: THREE},
    ),
    "LLaMA-Factory's history": Report(
        "https://github.com/hiyouga/LlamaFactory/issues/5455",
        "Pairs of question and answer under history were said before the prompt.",
        [
            {
                "instruction": Q,
                "input": "",
                "chosen": GOOD,
                "rejected": BAD,
                "system": "",
                "history": [["Hi", "Hello."]],
            }
        ],
        {Q: KEEP_OR_FELL},
        ("Hi", "Hello."),
    ),
    "LLaMA-Factory's KTO": Report(
        "https://github.com/hiyouga/LlamaFactory/blob/main/data/README.md",
        "kto_tag says whether the answer is good.",
        [
            {"instruction": Q, "input": "", "output": GOOD, "kto_tag": True},
            {"instruction": Q, "input": "", "output": BAD, "kto_tag": False},
        ],
        {Q: KEEP_OR_FELL},
    ),
    "KTO rows of whole conversations": Report(
        "https://swift.readthedocs.io/en/v3.8/_sources/Customization/Custom-dataset.md.txt",
        "The last turn of the assistant is the answer that the label is of.",
        [{"messages": [user(Q), assistant(t)], "label": t == GOOD} for t in (GOOD, BAD)],
        {Q: KEEP_OR_FELL},
    ),
    "ms-swift, the better answer ends the conversation": Report(
        "https://swift.readthedocs.io/en/v3.8/_sources/Customization/Custom-dataset.md.txt",
        "The last turn of messages is better than rejected_response.",
        [{"messages": [user("Hi"), assistant("Hello."), user(Q), assistant(GOOD)], "rejected_response": BAD}],
        {Q: KEEP_OR_FELL},
        ("Hi", "Hello."),
    ),
    "ms-swift, two conversations": Report(
        "https://github.com/modelscope/ms-swift/pull/5878",
        "The last turn of messages is better than that of rejected_messages.",
        [{"messages": [user(Q), assistant(GOOD)], "rejected_messages": [user(Q), assistant(BAD)]}],
        {Q: KEEP_OR_FELL},
    ),
    "ms-swift, plain texts": Report(
        "https://github.com/modelscope/ms-swift/issues/1922",
        "Beside rejected_response the column response is the better answer.",
        [{"query": Q, "response": GOOD, "rejected_response": BAD}],
        {Q: KEEP_OR_FELL},
    ),
    "torchtune": Report(
        "https://docs.pytorch.org/torchtune/stable/basics/preference_datasets.html",
        "chosen_conversations and rejected_conversations are the two conversations.",
        [{"chosen_conversations": [user(Q), assistant(GOOD)], "rejected_conversations": [user(Q), assistant(BAD)]}],
        {Q: KEEP_OR_FELL},
    ),
    "Kaggle has turns as lists in text": Report(
        HUB + "lmsys/lmsys-arena-human-preference-55k",
        "Each cell is a list of turns; brackets and quotes are no part of the texts, and null is a blank answer.",
        [
            {
                "id": number,
                "prompt": json.dumps([prompt]),
                "response_a": json.dumps([BAD]),
                "response_b": json.dumps([better]),
                "winner_model_a": 0,
                "winner_model_b": 1,
                "winner_tie": 0,
            }
            for number, (prompt, better) in enumerate(((Q, GOOD), ("Rivers?", None)))
        ],
        {Q: KEEP_OR_FELL},
        left_out=("blank",),
    ),
    "columns in Spanish": Report(
        "https://github.com/somosnlp/llm-arena",
        "mejor and peor are the better and the worse answer.",
        [{"Pregunta": Q, "Mejor respuesta": GOOD, "Peor respuesta": BAD}],
        {Q: KEEP_OR_FELL},
    ),
    "the Hub's dataset viewer": Report(
        "https://huggingface.co/docs/dataset-viewer/rows",
        "The rows are those under row; how many there are besides is said.",
        {
            "features": [{"feature_idx": 0, "name": "prompt", "type": {"dtype": "string", "_type": "Value"}}],
            "rows": [{"row_idx": 0, "row": {"prompt": Q, "chosen": GOOD, "rejected": BAD}, "truncated_cells": []}],
            "num_rows_total": 900,
        },
        {Q: KEEP_OR_FELL},
    ),
    "the Hub's dataset viewer cuts long cells": Report(
        "https://huggingface.co/docs/dataset-viewer/first_rows",
        "Half a text is no text: the file is refused, and the dataset itself is to be given.",
        {
            "rows": [
                {"row_idx": 0, "row": {"prompt": Q, "chosen": "Ke", "rejected": BAD}, "truncated_cells": ["chosen"]}
            ]
        },
        refused="row 1: the Hub's dataset viewer has cut 'chosen'; give the dataset itself, owner/name",
    ),
    "Argilla 1, a ranking": Report(
        "https://github.com/argilla-io/argilla/issues/4024",
        "What was submitted orders the columns that it names; what was discarded does not.",
        [
            {
                "prompt": Q,
                "response-1": BAD,
                "response-2": GOOD,
                "preference": [
                    {"user_id": "u1", "value": ranking(("response-2", 1), ("response-1", 2)), "status": "submitted"},
                    {"user_id": "u2", "value": ranking(("response-2", 2), ("response-1", 1)), "status": "discarded"},
                ],
                "preference-suggestion": None,
                "metadata": "{}",
            }
        ],
        {Q: KEEP_OR_FELL},
    ),
    "Argilla 1, as datasets turns lists of objects": Report(
        "https://github.com/argilla-io/argilla/issues/3884",
        "Lists under each key are the same as a list of objects.",
        [
            {
                "prompt": Q,
                "response-1": BAD,
                "response-2": GOOD,
                "preference": {
                    "user_id": ["u1"],
                    "value": [ranking(("response-2", 1), ("response-1", 2))],
                    "status": ["submitted"],
                },
                "preference-suggestion": {"value": ["response-1", "response-2"], "rank": [1, 2]},
            }
        ],
        {Q: KEEP_OR_FELL},
    ),
    "Argilla 2, a ranking with its suggestion": Report(
        "https://docs.argilla.io/latest/how_to_guides/import_export/",
        "Each annotator is a judge, and where nobody answered the suggestion counts.",
        [
            {
                "prompt": prompt,
                "response-1": BAD,
                "response-2": GOOD,
                "preference.responses": answers,
                "preference.responses.users": ["u1"] * len(answers or ()),
                "preference.responses.status": ["submitted"] * len(answers or ()),
                "preference.suggestion": ["response-2", "response-1"],
                "preference.suggestion.agent": "m",
            }
            for prompt, answers in ((Q, [["response-2", "response-1"]]), ("Rivers?", None))
        ],
        {Q: KEEP_OR_FELL, "Rivers?": KEEP_OR_FELL},
    ),
    "Argilla 2, a question whose name its fields begin with": Report(
        "https://docs.argilla.io/latest/how_to_guides/import_export/",
        "The columns of a question are those that Argilla calls so, not all that begin with its name.",
        [{"prompt": Q, "answer_1": BAD, "answer_2": GOOD, "answer.responses": [["answer_2", "answer_1"]]}],
        {Q: KEEP_OR_FELL},
    ),
    "Argilla, a label that names the better answer": Report(
        "https://github.com/argilla-io/argilla/pull/3833",
        "A label that is the name of a field says that it is better than those named alike.",
        [{"prompt": Q, "response_a": BAD, "response_b": GOOD, "choice.responses": ["response_b"]}],
        {Q: KEEP_OR_FELL},
    ),
    "Label Studio, Pairwise": Report(
        "https://labelstud.io/tags/pairwise.html",
        "left and right are the texts of toName in their order; a cancelled annotation says nothing.",
        [
            {
                "id": 1,
                "data": {"prompt": Q, "answer1": BAD, "answer2": GOOD},
                "annotations": [
                    {"result": [pairwise("right")], "was_cancelled": False},
                    {"result": [pairwise("left")], "was_cancelled": True},
                ],
            },
            {
                "id": 2,
                "data": {"prompt": "Rivers?", "answer1": BAD, "answer2": GOOD},
                "annotations": [{"result": []}],
            },
        ],
        {Q: KEEP_OR_FELL},
        left_out=("no_order",),
    ),
    "Label Studio, Ranker": Report(
        "https://www.labelstud.io/tags/ranker",
        "The ids of the list are the items' in their order, the best first.",
        [
            {
                "data": {"prompt": Q, "items": [{"id": t[0], "title": t[0], "body": t} for t in (BAD, GOOD, SOME)]},
                "annotations": [{"result": [{"type": "ranker", "value": {"ranker": {"rank": ["K", "S", "F"]}}}]}],
            }
        ],
        {Q: THREE},
    ),
    "Label Studio, a Rating for each answer": Report(
        "https://labelstud.io/tags/rating.html",
        "Of the texts that one annotator rated, the higher rating is better.",
        [
            {
                "data": {"question": Q, "answer1": BAD, "answer2": GOOD},
                "annotations": [{"result": [rating("answer1", 2), rating("answer2", 5)]}],
            }
        ],
        {Q: KEEP_OR_FELL},
    ),
    "Prodigy, choice": Report(
        "https://support.prodi.gy/t/for-textcat-what-form-does-the-jsonl-need-to-be-so-i-can-import-it-properly/2523",
        "Accepted options are better than the others; ignored and rejected tasks order nothing.",
        [
            {
                "text": prompt,
                "options": [{"id": "a", "text": BAD}, {"id": "b", "text": GOOD}, {"id": "c", "text": SOME}],
                "accept": ["b"],
                "answer": answer,
            }
            for prompt, answer in ((Q, "accept"), ("Rivers?", "ignore"))
        ],
        {Q: {GOOD: 1, BAD: 2, SOME: 2}},
        left_out=("no_order",),
    ),
    "a form's ranks in columns": Report(
        "https://help.surveygizmo.com/help/ranking-grid",
        "A rank in a column with the end of the answer's is that answer's, and 1.º is the best.",
        [
            {
                "Pregunta": Q,
                **{f"Respuesta {n}": text for n, text in enumerate((BAD, GOOD, SOME), start=1)},
                **{f"Puesto {n}": rank for n, rank in enumerate(("3.º", "1.º", "2.º"), start=1)},
            }
        ],
        {Q: THREE},
    ),
    "marks with a decimal comma": Report(
        "https://github.com/zimmerman-team/IATI.cloud/issues/1622",
        "4,5 is between 4 and 5.",
        [
            {
                "pregunta": Q,
                **{f"respuesta_{n}": text for n, text in enumerate((BAD, GOOD, SOME), start=1)},
                **{f"puntuación_{n}": mark for n, mark in enumerate(("4", "5", "4,5"), start=1)},
            }
        ],
        {Q: THREE},
    ),
    "an order that is spelled out": Report(
        "https://github.com/LAION-AI/Open-Assistant/issues/34",
        "B > C > A names the columns by their ends, the best first, and = is a tie.",
        [
            {"prompt": Q, "response_a": BAD, "response_b": GOOD, "response_c": SOME, "ranking": "B > C > A"},
            {"prompt": "Rivers?", "response_a": BAD, "response_b": GOOD, "response_c": SOME, "ranking": "b=c > a"},
            {"prompt": "Seas?", "response_a": BAD, "response_b": GOOD, "response_c": SOME, "ranking": ""},
        ],
        {Q: THREE, "Rivers?": {GOOD: 1, SOME: 1, BAD: 2}},
        left_out=("no_order",),
    ),
    "ChatML as text": Report(
        "https://huggingface.co/datasets/mlabonne/chatml_dpo_pairs",
        "The marks of a template are no part of the texts: system message, prompt and answers are between them.",
        [
            {
                "prompt": f"<|im_start|>system\nBe kind.<|im_end|>\n{chatml('user', Q)}<|im_start|>assistant\n",
                "chosen": f"{GOOD}<|im_end|>\n",
                "rejected": f"{BAD}<|im_end|>\n",
            }
        ],
        {Q: KEEP_OR_FELL},
        ("Be kind.",),
    ),
    "ChatML as text, whole conversations": Report(
        "https://github.com/huggingface/smol-course/issues/193",
        "The same where prompt and answer are one text.",
        [
            {
                "chosen": chatml("user", Q) + chatml("assistant", GOOD),
                "rejected": chatml("user", Q) + chatml("assistant", BAD),
            }
        ],
        {Q: KEEP_OR_FELL},
    ),
    "Zephyr's template as text": Report(
        "https://github.com/huggingface/trl/issues/1484",
        "The same for </s> and the marks of Zephyr.",
        [
            {
                "prompt": f"<|system|>\n</s>\n<|user|>\n{Q}</s>\n<|assistant|>\n",
                "chosen": f"{GOOD}</s>",
                "rejected": BAD,
            }
        ],
        {Q: KEEP_OR_FELL},
    ),
    "Llama 3's template as text": Report(
        "https://github.com/huggingface/trl/issues/1687",
        "The same for the marks of Llama 3.",
        [
            {
                "prompt": f"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{Q}<|eot_id|>",
                "chosen": f"<|start_header_id|>assistant<|end_header_id|>\n\n{GOOD}<|eot_id|>",
                "rejected": f"<|start_header_id|>assistant<|end_header_id|>\n\n{BAD}<|eot_id|>",
            }
        ],
        {Q: KEEP_OR_FELL},
    ),
    "Open Assistant, a message a row": Report(
        "https://huggingface.co/datasets/OpenAssistant/oasst1",
        "A question with two answers or more is a record, rank 0 is the best, and what was said before is context.",
        [
            oasst("1", None, "Hi"),
            oasst("2", "1", "Hello.", rank=0),
            oasst("3", "1", "No.", rank=1, deleted=True),
            oasst("4", "2", Q),
            oasst("5", "4", BAD, rank=2.0),
            oasst("6", "4", GOOD, rank=0.0),
            oasst("7", "4", SOME, rank=1.0),
        ],
        {Q: THREE},
        ("Hi", "Hello."),
    ),
    "Open Assistant, a tree a row": Report(
        "https://huggingface.co/datasets/OpenAssistant/oasst2",
        "The same from nested replies; answers that nobody ranked are of open order.",
        [
            tree(Q, oasst("2", "1", GOOD, rank=0, replies=[]), oasst("3", "1", BAD, rank=1, replies=[])),
            tree("Rivers?", oasst("2", "1", GOOD, replies=[]), oasst("3", "1", BAD, replies=[])),
        ],
        {Q: KEEP_OR_FELL, "Rivers?": {GOOD: None, BAD: None}},
    ),
    "a rating a row": Report(
        "https://huggingface.co/datasets/nvidia/HelpSteer2",
        "The rows of a prompt are its answers, and a higher score is better; without a score it has no place.",
        [
            {"prompt": Q, "response": text, "score": score}
            for text, score in ((BAD, 1), (GOOD, 4), (SOME, 2.5), ("No.", None))
        ],
        {Q: THREE},
        left_out=("no_order",),
    ),
    "a rank a row": Report(
        "https://rdrr.io/cran/ClimMobTools/man/exportTricotRanks.html",
        "The rows of a prompt are its answers, and rank 1 is the best.",
        [{"pregunta": Q, "respuesta": text, "rank": rank} for text, rank in ((BAD, "3"), (GOOD, "1"), (SOME, "2"))],
        {Q: THREE},
    ),
    "a vote that names the model": Report(
        "https://github.com/somosnlp/llm-arena",
        "The winner's name is that of the model of one answer, and stands for it.",
        [
            {"prompt": Q, "model_a": "uno", "model_b": "dos", "response_a": BAD, "response_b": GOOD, "winner": "dos"},
            {"prompt": Q, "model_a": "uno", "model_b": "uno", "response_a": BAD, "response_b": GOOD, "winner": "uno"},
        ],
        {Q: KEEP_OR_FELL},
        left_out=("no_order",),
    ),
    "Alpaca's instruction and input": Report(
        "https://github.com/hiyouga/LlamaFactory/issues/5455",
        "Half a prompt is no prompt: the file is refused, and the two columns are to be joined.",
        [{"instruction": "Translate.", "input": "Trees", "chosen": GOOD, "rejected": BAD}],
        refused="where both are the prompt, as Alpaca has it, join them in a column 'prompt' before",
    ),
    "answers that begin with their prompt": Report(
        "https://github.com/huggingface/trl/issues/1752",
        "Where every answer begins with its prompt, that is no part of it.",
        [
            {"prompt": Q, "chosen": f"{Q} {GOOD}", "rejected": f"{Q}\n\n{BAD}"},
            {"prompt": "def f():", "chosen": "def f():\n    return 1", "rejected": "def f():\n    pass"},
        ],
        {Q: KEEP_OR_FELL, "def f():": {"    return 1": 1, "    pass": 2}},
    ),
    "some answers that begin with their prompt": Report(
        "https://github.com/huggingface/trl/issues/1752",
        "Where only some do, the prompt is part of the answer.",
        [{"prompt": q, "chosen": f"{Q} {GOOD}", "rejected": f"{Q} {BAD}"} for q in (Q, "Rivers?")],
        {q: {f"{Q} {GOOD}": 1, f"{Q} {BAD}": 2} for q in (Q, "Rivers?")},
    ),
    "a context beside the conversation": Report(
        "https://huggingface.co/datasets/HuggingFaceH4/ultrafeedback_binarized",
        "Messages hold the prompt, whatever else a column context holds.",
        [{"messages": [user(Q)], "context": "A garden.", "chosen": [assistant(GOOD)], "rejected": [assistant(BAD)]}],
        {Q: KEEP_OR_FELL},
    ),
    "thumbs": Report(
        "https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/preference-tuning/prepare-data.md.txt",
        "A thumb up calls an answer good, a thumb down bad.",
        [{"prompt": Q, "response": text, "label": thumb} for text, thumb in ((GOOD, "👍"), (BAD, "👎"))],
        {Q: KEEP_OR_FELL},
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_reported_is_read_right_or_refused_with_its_remedy(name: str, tmp_path: Path) -> None:
    report = REPORTS[name]
    path = tmp_path / "data.json"
    path.write_text(json.dumps(report.data, ensure_ascii=False))
    if report.refused:
        with pytest.raises(DataError) as problem:
            implode(path)
        assert report.refused in str(problem.value)
        assert "\n" not in str(problem.value)
        return
    imploded = implode(path)
    assert {record.prompt: {a.text: a.rank for a in record.answers} for record in imploded} == report.ranks
    assert {tuple(m.content for m in record.context) for record in imploded} == {report.before}
    assert tuple(entry.finding.value for entry in imploded.audit if entry.rows_left_out) == report.left_out
    back = explode(imploded)
    assert list(implode(back)) == list(imploded)
    kept = [dict(row.cells) for row in read_table(path).rows]
    assert all(dict(row.cells) in kept for row in read_table(back).rows)


@pytest.mark.parametrize("odd", [True, None, {"rank": []}, "yes", [None], [[]]])
def test_odd_replies_and_annotations_order_nothing(odd: Any) -> None:
    two = [oasst("2", "1", GOOD, rank=0, replies=odd), oasst("3", "1", BAD, rank=1, replies=[])]
    (record,) = implode([tree(Q, *two)])
    assert record.texts == (Q, GOOD, BAD)
    with pytest.raises(DataError):
        implode([tree(Q, two[0] | {"role": odd}, two[1])])
    data = {"prompt": Q, "items": [{"id": "a", "body": GOOD}, {"id": "b", "body": BAD}]}
    for value in ({"ranker": {"rank": odd}}, {"ranker": odd}, {"selected": odd}, odd):
        task = {"data": data, "annotations": [{"result": [{"value": value, "to_name": "a,b"}]}]}
        assert [entry.finding.value for entry in implode([task]).audit if entry.rows_left_out] == ["no_order"]
