"""Publish a review, or a trained model, on the Hugging Face Hub.

::

    publish   a review: all in one call
    build     its files
    folder    which files those are, and how a folder is made the same publication
    profile   what a hackathon asks of it
    model     a model that ``train`` made: its files, and the push
    consent   what is asked before a push
    hub       the one place that pushes
"""
