"""From preference data to one record per prompt.

- ``source``: what everything comes in by. ``implode``: a table as records; ``imploded``: what comes of it.
- ``pairs``: rows in plain text, which ``settle`` compares with their labels and each other; ``judged``: rows of any
  other shape, whose ``rankings`` settle the order of the answers.
- ``metadata``: what a record keeps of its rows beside the texts. ``audit``: every row that was left out, changed or
  doubtful, and the rule.
"""
