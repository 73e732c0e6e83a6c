"""Answers and grades: read, drawn, given.

::

    files         answers.jsonl and grades.jsonl
    given         the same as the Python API takes them: files, DataFrames or objects
    inspect_logs  logs of Inspect AI
    samples       samples of lm-eval
    drawn         which answers people grade, and how Argilla holds them
    families      the family of a model, by its name
"""
