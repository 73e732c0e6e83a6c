"""Bring records into the Argilla dataset."""
