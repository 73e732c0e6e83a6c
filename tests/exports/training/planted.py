"""An export with a planted signal that is not length: good answers speak of one kind of thing, bad ones of another.

Both answers have the same number of words, each of them one token to the model of ``tiny``; the other words are the
same in both. Prompts of the test split have words in combinations that the training has not.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.tiny_models import SPANISH, make_causal

GOOD = ("vivo", "común", "cuidado", "bosque")
BAD = ("recurso", "mercado", "dueño", "madera")
WORDS = [word for word in SPANISH if word.isalpha()][:40]


def texts(number: int) -> tuple[str, str, str]:
    """A prompt, its good answer and its bad one."""
    draw = random.Random(number)
    prompt, common = draw.sample(WORDS, 4), draw.sample(WORDS, 3)
    good, bad = draw.sample(GOOD, 2), draw.sample(BAD, 2)
    return " ".join(prompt), " ".join([*common[:2], *good, common[2]]), " ".join([*common[:2], *bad, common[2]])


def planted(folder: Path, train: int = 24, test: int = 8) -> Path:
    """Write ``dpo``, ``orpo``, ``kto`` and ``sft``, as far as a trainer reads them."""
    for side, first, count in (("train", 0, train), ("test", 10_000, test)):
        pairs, answers, best = [], [], []
        for number in range(first, first + max(count, 1)):
            prompt, good, bad = texts(number)
            origin = {"record_id": f"p-{number}", "language": "es", "source": "h4rmony", "text_licence": [None] * 3}
            asked = [{"role": "user", "content": prompt}]
            chosen, rejected = ([{"role": "assistant", "content": text}] for text in (good, bad))
            pairs.append({"prompt": asked, "chosen": chosen, "rejected": rejected, "id": f"p-{number}:0-1", **origin})
            answers += [
                {"prompt": asked, "completion": told, "label": label, "id": f"p-{number}:{place}", **origin}
                for place, (told, label) in enumerate(((chosen, True), (rejected, False)))
            ]
            best.append({"prompt": asked, "completion": chosen, "id": f"p-{number}", **origin})
        random.Random(1).shuffle(answers)
        for name, rows in (("dpo", pairs), ("orpo", pairs), ("kto", answers), ("sft", best)):
            write(folder / name / f"{side}.parquet", rows if count else rows[:1], empty=not count)
    return folder


def write(path: Path, rows: list[dict[str, Any]], *, empty: bool = False) -> None:
    """Write rows as Parquet, or only their columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows).slice(0, 0 if empty else None), path)


def tiny(folder: Path) -> Path:
    """A model of random weights to which each word is one token."""
    return make_causal(folder, [" ".join(texts(number)) for number in range(400)])
