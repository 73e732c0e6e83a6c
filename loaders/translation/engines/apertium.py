"""Apertium, the rule-based translator: fast, on any machine, no model to download.

One process translates a whole batch. It is run without a format of its own (``-f none``) and in null-flush mode
(``-z``): each line is translated by itself and ends with a NUL, so no line can run into its neighbour. Every line
carries its number in a blank (``[end 17]``) that Apertium passes through, and every number is looked for in the
output: a line that is lost, doubled or moved is an error, never a shift.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from loaders.translation.engines.apertium_text import escaped, split, unescaped
from loaders.translation.engines.apertium_version import installed_version
from loaders.translation.engines.licences import APERTIUM
from loaders.translation.engines.protocol import check_languages, shown
from loaders.translation.text.pieces import joined
from workspace.errors import MissingPartError, TranslationError, count_of
from workspace.model.languages import long_code

BASE_TIMEOUT = 20.0  # seconds
CHARACTERS_A_SECOND = 5_000  # far below what was measured (30,000 to 150,000), for slow and busy machines


_PACKAGE = "apertium-eng-spa"
_LANGUAGES = ("en", "es")


class _BatchFailed(TranslationError):
    """One run of Apertium failed or its output does not match its input."""


class ApertiumTranslator:
    """Translates with the installed Apertium and its English-Spanish pair.

    Rules of the text: code in fences or backquotes, formulas, tags and placeholders, line breaks and other control
    characters, the blanks at both ends of a line, lines without a letter or digit, addresses (URLs, e-mail) and
    unbroken runs of 200 characters and more stay as they are; each other line is translated by itself. A line that
    Apertium would leave blank stays untranslated.

    Args:
        source_language: ``en`` or ``es``.
        target_language: the other one.
        program: the command to run.
        timeout: seconds that a batch may take, beside one second every 5,000 characters.
        environ: the environment of the process.

    Raises:
        ConfigError: there is no Apertium pair for these languages.
        MissingPartError: Apertium or its language pair is not installed.
    """

    engine = "apertium"
    licence = APERTIUM

    def __init__(
        self,
        source_language: str = "en",
        target_language: str = "es",
        *,
        program: str = "apertium",
        timeout: float = BASE_TIMEOUT,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        check_languages("apertium", source_language, target_language, sources=_LANGUAGES, targets=_LANGUAGES)
        self.source_language = source_language
        self.target_language = target_language
        self._mode = f"{long_code(source_language)}-{long_code(target_language)}"
        self._program = program
        self._timeout = timeout
        self._environ = dict(environ)
        self.version = self._installed_version()

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Translate each text, all in one process; as many as given, in the same order.

        A batch that fails is tried again in halves. That finds the one text that cannot be translated, and it gets
        past a failure that does not happen again.

        Raises:
            TranslationError: Apertium fails on a text, or takes too long over it; the message begins with the text.
            MissingPartError: Apertium has gone.
        """
        if not texts:
            return []
        try:
            return self._translate_together(texts)
        except _BatchFailed as error:
            if len(texts) == 1:
                raise TranslationError(
                    f"{error}, at the text {shown(texts[0])}; change or leave out this text, or run again if the "
                    "machine was busy"
                ) from error
        middle = len(texts) // 2
        return [*self.translate(texts[:middle]), *self.translate(texts[middle:])]

    def _translate_together(self, texts: Sequence[str]) -> list[str]:
        pieces = [split(text) for text in texts]
        lines = [piece.text for text in pieces for piece in text if piece.translatable]
        translated = iter(self._translate_lines(lines))
        return [
            joined((piece, next(translated) if piece.translatable else piece.text) for piece in text)
            for text in pieces
        ]

    def _translate_lines(self, lines: Sequence[str]) -> list[str]:
        """Translate lines that each hold a letter or digit, and no control character."""
        if not lines:
            return []
        data = "".join(f"{escaped(line)}[end {number}]\0" for number, line in enumerate(lines))
        try:
            timeout = self._timeout + len(data) / CHARACTERS_A_SECOND
            output = self._run("-u", "-z", "-f", "none", self._mode, data=data.encode(), timeout=timeout).decode()
        except UnicodeDecodeError as error:
            raise _BatchFailed("Apertium's output is not UTF-8") from error
        chunks = output.split("\0")  # the last stages of the pipe may add empty ones
        if len(chunks) < len(lines) or any(chunks[len(lines) :]):
            raise _BatchFailed(f"Apertium answered with {count_of(len(chunks), 'text')} for {len(lines)}")
        for number, chunk in enumerate(chunks[: len(lines)]):
            if not chunk.endswith(f"[end {number}]"):
                raise _BatchFailed(f"Apertium answered out of order: text {number} ends with {chunk[-20:]!r}")
        return [
            unescaped(chunk.removesuffix(f"[end {number}]"), line)
            for number, (chunk, line) in enumerate(zip(chunks, lines, strict=False))
        ]

    def _run(self, *arguments: str, data: bytes = b"", timeout: float) -> bytes:
        try:
            # A session of its own: Apertium is a shell and ten programs, and all of them must go when it hangs.
            process = subprocess.Popen(
                [self._program, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environ,
                start_new_session=True,
            )
        except OSError as error:
            raise self._missing(f"{self._program} cannot be run ({error.strerror})") from error
        try:
            output, errors = process.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise _BatchFailed(f"Apertium took longer than {timeout:.0f} s") from error
        finally:
            if process.returncode is None:
                _kill_group(process)
        if process.returncode:
            said = errors.decode(errors="replace").strip().splitlines()
            raise _BatchFailed(f"Apertium ended with status {process.returncode} ({said[-1] if said else 'silent'})")
        return output

    def _installed_version(self) -> str:
        modes = self._ask("-l").split()
        if self._mode not in modes:
            raise self._missing(f"Apertium has no {self._mode}")
        program = self._ask("-V").strip().removeprefix("Apertium").strip() or "unknown"
        return f"{program}/{installed_version(self._mode, _PACKAGE, self._environ)}"

    def _ask(self, option: str) -> str:
        try:
            return self._run(option, timeout=self._timeout).decode(errors="replace")
        except _BatchFailed as error:
            raise self._missing(f"`{self._program} {option}`: {error}") from error

    def _missing(self, problem: str) -> MissingPartError:
        return MissingPartError(f"{problem}; install it with: apt-get install apertium {_PACKAGE}")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
