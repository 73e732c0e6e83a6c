"""The report of a review: one HTML file that opens anywhere, offline.

``report`` does it all in one call. ``contents`` computes every figure, and ``render`` writes them in one language;
neither does I/O, and the same review produces the same bytes.
"""
