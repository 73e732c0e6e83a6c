"""What a scripted model answers, and what a scripted grader says of it: for Inspect AI, and for our own judge."""

from __future__ import annotations

import hashlib

GRADER = "juez"
GRADES = {"nutrias": "C", "equilibrio": "P", "recursos": "I", "xq": "N"}  # by a word of the answer


def answered(prompt: str) -> str:
    """The answer to a prompt: one of four words, by a hash of the prompt."""
    return f"Pienso en {list(GRADES)[hashlib.sha256(prompt.encode()).digest()[0] % 4]}."


def graded(told: str) -> str:
    """The reply of a grader that is told a template of ``eval.yaml``: a reason, then the grade."""
    answer = told.partition("[answer]: ")[2].partition("[END DATA]")[0]
    grade = next(letter for word, letter in GRADES.items() if word in answer)
    return f"Podría ser GRADE: C o GRADE: I.\nGRADE: {grade}"
