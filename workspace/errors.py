"""The errors that the packages raise on purpose, all of them under one root.

::

    H4rmonyError                 one line: what is wrong, where, and what to do about it
    ├── DataError                a file or a row that cannot be used (names the file and the row)
    ├── ConfigError              a missing or wrong setting, credential or option value
    ├── MissingPartError         a program or package that is not installed (names the command to run)
    ├── TranslationError         a translation engine failed, or returned another number of texts than it was sent
    ├── ChatError                a language model did not answer anything that can be used
    │   ├── ChatUnavailable      its endpoint did not answer, after all retries
    │   │   └── ChatStopped      it failed too often and is not asked any more
    │   ├── ChatRefused          its endpoint refuses this request; another one may pass
    │   ├── ChatUnusable         none of its answers could be read
    │   └── BudgetSpent          the limit of tokens or money is reached
    ├── ArgillaError             the Argilla server refused or could not do something
    │   ├── ArgillaUnreachable   no answer from the address, after retries
    │   ├── ArgillaDenied        the key is wrong, or its user may not do this
    │   ├── DatasetMismatch      the dataset exists with other fields, questions or slots than expected
    │   └── ForeignRecord        a record of the dataset was not made here, or was changed by hand
    ├── HubError                 the Hugging Face Hub refused a request, or answered something that cannot be used
    │   ├── HubUnreachable       no answer from its address, or HF_HUB_OFFLINE is set
    │   └── HubNotFound          the repository or revision does not exist, or this token may not see it
    ├── RulesNotMet              what is to be published lacks what a profile asks for (``missing`` lists it)
    └── ServerError              the embedded server could not start or died

The command line maps the root class, and nothing else, to exit status 1. ``H4rmonyWarning`` is the one warning.
"""

from __future__ import annotations

import re

# What a terminal obeys in place of showing it, and what turns the order of a line about; no ends of lines, no tabs.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class H4rmonyError(Exception):
    """Root of every error that is stated to the user in one line, without a traceback."""


class H4rmonyWarning(UserWarning):
    """What a caller should know of work that was done all the same; the command line prints it as one line."""


class DataError(H4rmonyError):
    """A file or a row that cannot be used; the message names the file, the row and the remedy."""


class ConfigError(H4rmonyError):
    """A setting, credential or option value is missing or wrong."""


class MissingPartError(H4rmonyError):
    """A program or an optional package is not installed; the message says how to install it."""


class TranslationError(H4rmonyError):
    """A translation engine failed, or returned another number of texts than it was sent."""


class ChatError(H4rmonyError):
    """A language model did not answer anything that can be used."""


class ChatUnavailable(ChatError):
    """The model's endpoint did not answer, after all retries."""


class ChatStopped(ChatUnavailable):
    """The endpoint failed too often and is not asked any more."""


class ChatRefused(ChatError):
    """The model's endpoint refuses this request; another one may pass."""


class ChatUnusable(ChatError):
    """None of the model's answers to a request could be read."""


class BudgetSpent(ChatError):
    """The limit of tokens or money is reached."""


class RulesNotMet(H4rmonyError):
    """What is to be published does not meet a profile's rules; ``missing`` says what to do, a line for each."""

    def __init__(self, message: str, missing: tuple[str, ...]) -> None:
        super().__init__(message)
        self.missing = missing


class GiveAwayFound(H4rmonyError):
    """The ranks of answers that a model wrote can be read without reading the answers."""


class ArgillaError(H4rmonyError):
    """The Argilla server refused a request or answered something that cannot be used."""


class ArgillaUnreachable(ArgillaError):
    """No answer from the server's address, after all retries."""


class ArgillaDenied(ArgillaError):
    """The API key is wrong, or its user is not allowed to do this."""


class DatasetMismatch(ArgillaError):
    """The dataset exists, with other fields, questions or slots than this workspace needs."""


class ForeignRecord(ArgillaError):
    """A record of the dataset was not made by us, or was changed by hand."""

    def __init__(self, external_id: str | None, server_id: str, answers: int, why: Exception) -> None:
        """Name the record, and how many ``answers`` of people are on it."""
        kept = "; the one answer on it stays in Argilla" if answers == 1 else ""
        kept = f"; the {answers} answers on it stay in Argilla" if answers > 1 else kept
        super().__init__(
            f"record {external_id!r} ({server_id}) of the dataset cannot be read back ({why!r}): it was not made by "
            f"h4rmony, or was changed by hand{kept}"
        )


class HubError(H4rmonyError):
    """The Hugging Face Hub refused a request, or answered something that cannot be used."""


class HubUnreachable(HubError):
    """Nobody answers at the Hub's address, or ``HF_HUB_OFFLINE`` is set."""


class HubNotFound(HubError):
    """The Hub has no such repository or revision, or does not show it to this token."""


class ServerError(H4rmonyError):
    """The embedded server could not start, or it died."""


def cut(text: str, length: int = 80) -> str:
    """The beginning of ``text``, as much of it as a message of one line holds."""
    return text if len(text) <= length else text[: length - 1] + "…"


def count_of(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 record", "2 records"; ``plural`` is that of a noun that takes no s."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def one_line(error: object, length: int = 200) -> str:
    """The message of an error of another library, on one line; its name if it says nothing."""
    return cut(" ".join(str(error).split()) or type(error).__name__, length)


def visible(text: str) -> str:
    """The text with each character that a terminal would obey as an escape, such as ``\\u001b``."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shown(text: str, length: int = 60) -> str:
    """The beginning of ``text``, quoted on one line, to name it in a message."""
    return repr(cut(text, length))
