"""A model answers test prompts, and a judge (a language model with a rubric) grades the answers."""
