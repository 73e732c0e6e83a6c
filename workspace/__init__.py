"""What loaders and exports both stand on: the record model, the Argilla dataset and the way to it."""

__version__ = "0.1.0"
