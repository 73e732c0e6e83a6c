"""Logs of Inspect AI (``.eval`` and ``.json``) as the lines of ``answers.jsonl`` and ``grades.jsonl``.

- C, P and I, or 1, 0.5 and 0, are good, regular and bad. An answer without a score is null, and so is one of which
  the grader's verdict was not found, or whose sample failed: it is never bad.
- An epoch is a repeat. Where samples name their record (``record_id``) they have its id, else the sample's own.
- The judge is the model that the scorer names, or that was given the role ``grader``. A log without one is refused,
  because the evaluated model graded itself, and so is a log of a model that is its own grader.
- Only a log that ended is read.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from exports.evaluation.grades.families import family_of
from workspace.errors import DataError, shown
from workspace.model.records import content_hash

SUFFIXES = (".eval", ".json")
_LEVELS: Mapping[Any, str] = {"C": "good", "P": "regular", "I": "bad", 1: "good", 0.5: "regular", 0: "bad"}
_ZSTANDARD = 93  # the compression of a .eval file, which Python's zipfile does not read
_NOT_FOUND = "Grade not found in model output"  # with which older versions of Inspect count a reply as wrong
_RUBRIC = re.compile(r"H4rmony rubric (\S+)")


def is_log(path: str | Path) -> bool:
    """Whether a path is that of a log, by its ending."""
    return Path(path).suffix in SUFFIXES


def log_grades(path: Path) -> list[dict[str, Any]]:
    """The grades of a log, as the lines of ``grades.jsonl`` have them.

    Raises:
        DataError: it cannot be read, did not end, has no grades, or the model graded itself.
    """
    header, samples = _read(path)
    scorer = next((each for each in header["eval"].get("scorers") or () if isinstance(each, dict)), {})
    model = str(header["eval"]["model"])
    judge, rubric = _judge(path, header["eval"], scorer), _rubric(scorer)
    shared = {"judge": judge, "rubric": rubric, "model": model, "family": family_of(judge)}
    found = []
    for sample in samples:
        level, reason = _verdict(path, sample, str(scorer.get("name")))
        found.append({**_place(sample), "grade": level, "reason": reason, "repeat": _repeat(sample), **shared})
    return found


def log_answers(path: Path) -> list[dict[str, Any]]:
    """The answers of a log's first epoch, as the lines of ``answers.jsonl`` have them.

    Raises:
        DataError: it cannot be read, or did not end.
    """
    header, samples = _read(path)
    model = str(header["eval"]["model"])
    return [
        {
            **_place(sample),
            "prompt": _text(sample.get("input")),
            "answer": _answer(sample.get("output") or {}),
            "model": model,
            "family": family_of(model),
        }
        for sample in samples
        if _repeat(sample) == 0
    ]


def _read(path: Path) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """The header of a log, and its samples by their number and epoch."""
    try:
        header, samples = _members(path) if path.suffix == ".eval" else _whole(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, zipfile.BadZipFile, KeyError) as error:
        raise DataError(f"{path}: not a log of Inspect AI ({error})") from error
    if not isinstance(header, dict) or not isinstance(header.get("eval"), dict):
        raise DataError(f"{path}: not a log of Inspect AI (it has no 'eval')")
    if header.get("status") != "success":
        raise DataError(
            f"{path}: the evaluation did not end ({header.get('status')}); finish it with `inspect eval-retry`"
        )
    return header, sorted(samples, key=lambda sample: (str(sample.get("id")), int(sample.get("epoch", 1))))


def _whole(path: Path) -> tuple[Any, list[Any]]:
    data = json.loads(path.read_bytes())
    return data, list(data.get("samples") or ()) if isinstance(data, dict) else []


def _members(path: Path) -> tuple[Any, list[Any]]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("samples/")]
        return json.loads(_bytes(archive, "header.json")), [json.loads(_bytes(archive, name)) for name in names]


def _bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member of an archive, also where it is compressed with Zstandard."""
    info = archive.getinfo(name)
    if info.compress_type != _ZSTANDARD:
        return archive.read(info)
    import pyarrow as pa

    assert archive.fp is not None
    archive.fp.seek(info.header_offset + 26)  # the lengths of the name and of the extra field
    skipped = sum(int.from_bytes(archive.fp.read(2), "little") for _ in "ab")
    archive.fp.seek(skipped, 1)
    data: bytes = pa.Codec("zstd").decompress(archive.fp.read(info.compress_size), info.file_size, asbytes=True)
    return data


def _judge(path: Path, told: Mapping[str, Any], scorer: Mapping[str, Any]) -> str:
    """The model that graded.

    Raises:
        DataError: none is named, or it is the evaluated one.
    """
    named = (scorer.get("options") or {}).get("model")
    role = (told.get("model_roles") or {}).get("grader")
    judge = named or (role.get("model") if isinstance(role, dict) else role)
    if isinstance(judge, list) or not judge or judge == told["model"]:
        why = "several models graded" if isinstance(judge, list) else f"{told['model']} graded itself"
        raise DataError(f"{path}: {why}; name one grader of another model in eval.yaml (scorers: args: model)")
    return str(judge)


def _rubric(scorer: Mapping[str, Any]) -> str:
    """The version that the template names, else a hash of what the grader was told."""
    options = scorer.get("options") or {}
    named = _RUBRIC.search(str(options.get("template")))
    told = [options.get("template"), options.get("instructions")]
    # its words on quoting and grades are Inspect's, so it is no version of the judge's own
    return f"inspect-{named[1] if named else content_hash(told)[:8]}"


def _verdict(path: Path, sample: Mapping[str, Any], scorer: str) -> tuple[str | None, str]:
    """The grade of a sample and its reason."""
    if sample.get("error") or not sample.get("scores"):
        return None, "the sample failed"
    score = sample["scores"].get(scorer)
    if not isinstance(score, dict):
        raise DataError(f"{path}: sample {sample.get('id')} has no score by {shown(scorer)}")
    value, reason = score.get("value"), str(score.get("explanation") or "")
    if value is None or value in ("N", "") or value != value or reason.startswith(_NOT_FOUND):  # NaN is none
        return None, reason
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value not in _LEVELS:
        raise DataError(f"{path}: sample {sample.get('id')}: a grade is C, P or I, or 1, 0.5 or 0, got {value!r}")
    return _LEVELS[value], reason


def _place(sample: Mapping[str, Any]) -> dict[str, str]:
    """The id and the language of a sample's prompt."""
    kept = sample.get("metadata") or {}
    return {"id": str(kept.get("record_id") or sample["id"]), "language": str(kept.get("language") or "es")}


def _repeat(sample: Mapping[str, Any]) -> int:
    return int(sample.get("epoch", 1)) - 1


def _answer(output: Mapping[str, Any]) -> str:
    """What the model said."""
    said = output.get("completion")
    choice: Mapping[str, Any] = next(iter(output.get("choices") or ()), {})
    return str(said) if said is not None else _text(choice.get("message", {}).get("content"))


def _text(content: Any) -> str:
    """The words of a text, of a message's content, or of the last message of a conversation."""
    if isinstance(content, list):
        return "\n".join(_parts(content))
    return str(content or "")


def _parts(content: Sequence[Any]) -> Iterator[str]:
    for part in content:
        if isinstance(part, dict):
            yield _text(part.get("text", part.get("content")))
