"""What each variety has: counts, the agreement on it and of its people, and the texts that were changed."""

from __future__ import annotations

import pytest

from exports.measure.agreement import agreement, ranked_records
from exports.measure.varieties import unread_varieties, variety_lines
from exports.review.files import Review
from tests.exports.cases import TRANSLATED, confirmed, record

pytestmark = pytest.mark.extras

PLACES = {
    1: {"variety": "es-419", "country": "México"},
    2: {"pais": "mx"},
    3: {"lang": "es_ar"},
    4: {"pais": "Narnia"},
}
RANKS = {"ana": (1, 2, 3), "eva": (1, 2, 3), "leo": (3, 2, 1)}


def review() -> Review:
    records = tuple(record(number, metadata=place) for number, place in PLACES.items())
    ballots = [confirmed(*RANKS[name], record_id=one.id, reviewer=name) for one in records for name in RANKS]
    changed = confirmed(1, 2, 3, record_id="h4rmony-5", reviewer="ana", answers=("Muy bueno.", *TRANSLATED[1:]))
    return Review((*records, record(5, metadata={"lang": "es-AR"})), (*ballots, changed))


def test_a_line_for_each_variety_with_counts_agreement_and_changes() -> None:
    ranked = ranked_records(review())
    lines = {one.code: one for one in variety_lines(ranked, {"ana": "es-MX", "eva": "es-MX", "leo": "es-AR"})}
    assert list(lines) == ["es-419", "es-AR", "es-MX", ""]
    assert {code: (one.prompts, one.answers, one.reviewers) for code, one in lines.items()} == {
        "es-419": (0, 1, 0), "es-AR": (2, 2, 1), "es-MX": (2, 1, 2), "": (1, 1, 0),
    }  # fmt: skip
    assert lines["es-MX"].reviewers_agreement.value == pytest.approx(1.0)
    assert lines["es-AR"].reviewers_agreement.reason == "one_reviewer"
    assert lines["es-MX"].agreement == agreement([one for one in ranked if one.record.id == "h4rmony-2"]).alpha_ranks
    assert (lines["es-MX"].changed, lines["es-AR"].changed) == (1, 3)  # every prompt was worded anew
    assert lines["es-AR"].texts == 8


def test_only_the_counts_follow_what_is_published() -> None:
    ranked = ranked_records(review())
    whole = {one.code: one for one in variety_lines(ranked, {})}
    part = {one.code: one for one in variety_lines(ranked, {}, {"h4rmony-3"})}
    assert (part["es-AR"].prompts, part["es-AR"].answers) == (1, 1)
    assert part["es-AR"].agreement == whole["es-AR"].agreement
    assert (part[""].reviewers == 3 and "es-MX" not in part) or part["es-MX"].prompts == 0


def test_where_nobody_says_anything_there_is_no_line() -> None:
    plain = Review((record(1, metadata={"language": "en-gb"}),), (confirmed(1, 2, 3),))
    assert variety_lines(ranked_records(plain), {}) == ()
    assert unread_varieties(review().records) == ("Narnia",)
