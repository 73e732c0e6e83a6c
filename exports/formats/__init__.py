"""The formats of an export: for each, its columns and a pure function from a reviewed record to its rows.

A format is an entry of ``FORMATS``. Its columns have fixed types, so that a table's columns never depend on its rows,
even if there are none: trainers look at the first row only. A format has no extra column that a trainer would read as
something else (``margin`` changes a reward loss; ``label``, ``messages`` and ``completion`` change the task).
"""

from __future__ import annotations

from exports.formats.answers import KTO, SFT
from exports.formats.base import Beside, ColumnType, Format, LeftOut, TrainingRow, lang, row_language
from exports.formats.lm_eval import LM_EVAL
from exports.formats.preference import DPO, DPO_STANDARD, H4RMONY, ORPO, REWARD

FORMATS: dict[str, Format] = {
    format.name: format for format in (DPO, DPO_STANDARD, KTO, REWARD, SFT, ORPO, H4RMONY, LM_EVAL)
}
DEFAULT_FORMAT = "dpo"

__all__ = [
    "DEFAULT_FORMAT",
    "FORMATS",
    "Beside",
    "ColumnType",
    "Format",
    "LeftOut",
    "TrainingRow",
    "lang",
    "row_language",
]
