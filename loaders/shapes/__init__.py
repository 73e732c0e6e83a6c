"""What the columns and the cells of a table mean: one module a shape, each read by a rule that the audit states.

- ``recognise`` tells the shape of a table, ``columns`` which column holds what, ``asked`` where the prompt is;
  ``judged`` is what a shape reads from a row, ``messages`` finds the prompt and the answers in conversations, and
  ``votes`` which of two answers is preferred.
- Pairs: ``pairs`` in plain text under any names, ``conversations``, ``transcripts`` as HH-RLHF has them, ``lists`` of
  good answers against bad ones, and ``middle``, with an answer between the two.
- Answers and what orders them: ``preferred`` (two answers and which is better), ``ranked`` (a list of answers with
  ratings or ranks), ``numbered`` (answers in columns of their own, with ratings or ranks), ``spelled`` (with an order
  in words), ``labels`` (one answer a row, good or bad), ``scored`` (one answer a row, with its rating or rank).
- What annotation tools write: ``argilla`` (records) and ``argilla_columns`` (tables) of Argilla, ``label_studio``,
  ``options`` (Prodigy).

H4rmony's columns, and ``prompt, chosen, rejected`` in plain text, are a ``Schema`` of ``columns``.
"""
