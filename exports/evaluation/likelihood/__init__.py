"""A score that needs no judge: how likely a model finds the reviewed answers."""
