"""Argilla: the way to its HTTP API, its JSON and back, and the dataset that reviewers see."""
