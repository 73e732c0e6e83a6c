"""From a source to an Argilla dataset."""
