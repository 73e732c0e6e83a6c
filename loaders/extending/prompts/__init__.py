"""Prompts: those that people give, and those that a model writes."""
