"""Bring records into the Argilla dataset.

- ``load``: the whole of it in one call. ``datasets``: which dataset a record goes into; ``known``: what they hold.
- ``actions``: what is done with each record, and what is said of it; ``send`` does it.
- ``strangers``: that a source is not another one; ``versions``: a changed prompt that somebody has answered;
  ``vanished``: records that the source no longer has.
- ``groups``: prompts that must share a side of the split; ``topics``: which issue codes are filled in.
- ``aside``: records on disk until all of them are known.
"""
