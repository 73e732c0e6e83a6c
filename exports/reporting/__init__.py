"""Pages that open anywhere, offline: the report of a review, the report of a score, and the leaderboard.

``report``, ``report_score`` and ``leaderboard`` do all of one page in one call. They share ``base.html.j2``,
``macros.html.j2``, ``style.css``, ``panels`` (what a figure shows), ``plots`` (its picture) and ``html`` (templates
filled in). What a page says is computed first (``contents``, ``score_contents``) and then written in one language
(``page``, ``score_page``). The same input gives the same bytes.
"""
