"""A review as it was collected: read from Argilla, kept in files, under names or pseudonyms.

What happens to a ballot after Argilla, the same in every command::

    Argilla ── review.collect ──┐
                                ├─▶ Review ─── for record, ballots in review
    folder ─── review.files ────┘      │
                                       ├─▶ measure    agreement, anchoring, edits ─▶ reporting
                                       ├─▶ merging.approved ─▶ translation memory
                                       ▼
                          formats.merged.merge: once in a run
                          merging.votes + merging.texts + merging.split, record by record
                                       │
                                       ▼
                                    Merged ─── for each record and language a ReviewedRecord: pairs, dropped, texts
                                       │
                                       ├─▶ formats ─▶ write        DIR/<format>/train.parquet, test.parquet
                                       └─▶ card ────▶ publishing   the Hub

A ``Review`` is sorted and checked when it is made, and yields each record with all its ballots; nothing after it
groups ballots again.
"""
