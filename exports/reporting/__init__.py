"""Pages that open anywhere, offline: the report of a review, and the leaderboard of scores.

``report`` and ``leaderboard`` do all of one page in one call. They share ``base.html.j2``, ``macros.html.j2``,
``style.css``, ``panels`` (what a figure shows), ``plots`` (its picture) and ``html`` (templates filled in). The same
input gives the same bytes.
"""
