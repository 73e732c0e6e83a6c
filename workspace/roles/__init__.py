"""The roles in which a model writes answers, and what it is told in each. Pure.

What a role is told are the Spanish files of this room: the rules that all share, then the role's own point of view.
They follow Arran Stibbe's *Ecolinguistics* (2015): discourse is beneficial, ambivalent or destructive, by what it
erases or makes salient, how it frames and judges, whom it lets act, and what it takes for certain.

A known best answer, of a source that has no other, takes the place of the aware role's. It gives the band of lengths.

Length must not give a rank away, so a hash of the prompt draws one band of lengths for all answers to it. So does the
hash draw one prompt in ten whose worst answer sounds green, so that green words do not give the best one away.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from workspace.model.records import content_hash

BANDS = ((120, 200), (180, 280), (260, 380), (340, 480))  # characters of an answer: at least, at most
NEAR = (0.75, 1.25)  # times the length of a known answer
HARD_IN = 10  # one prompt in so many has a worst answer that sounds green
HARD_KEY = "hard"  # in a record's metadata: true if its worst answer does
VARIETY = "español latinoamericano neutro"
VARIETIES = {"es": VARIETY, "en": "inglés"}  # of each language that can be written, as a model is told by default
RANKS = {"aware": 1, "ambivalent": 2, "unaware": 3}


@dataclass(frozen=True)
class Role:
    """One role at one prompt: its name, its rank, and the name of its file."""

    name: str
    file: str

    @property
    def rank(self) -> int:
        """1 for the best answer."""
        return RANKS[self.name]

    @property
    def version(self) -> str:
        """The name of the role's file, and a hash of all that a model is told in the role."""
        return f"{self.file}-{content_hash([_text('common'), _text(self.file)])[:8]}"

    def told(self, band: tuple[int, int], variety: str) -> str:
        """What a model is told, as the system message."""
        least, most = band
        return f"{_text('common').format(variety=variety, least=least, most=most)}\n{_text(self.file)}"


def roles_for(record_id: str, seed: int) -> tuple[Role, ...]:
    """The roles of the answers to a prompt, the best first."""
    worst = "unaware_hard" if drawn("hard", record_id, seed) % HARD_IN == 0 else "unaware"
    return tuple(Role(name, worst if name == "unaware" else name) for name in RANKS)


def band_for(record_id: str, seed: int, known: str | None = None) -> tuple[int, int]:
    """The lengths that all answers to a prompt have; those near to a ``known`` answer's, if there is one."""
    if known:
        return int(NEAR[0] * len(known)), int(NEAR[1] * len(known)) + 1
    return BANDS[drawn("band", record_id, seed) % len(BANDS)]


def drawn(what: str, record_id: str, seed: int) -> int:
    """A number that a hash draws for a record, another one for each ``what`` and each seed."""
    return int.from_bytes(hashlib.sha256(f"{what} {seed} {record_id}".encode()).digest()[:8], "big")


@cache
def _text(role: str) -> str:
    return (files("workspace.roles") / f"{role}.es.md").read_text(encoding="utf-8")
