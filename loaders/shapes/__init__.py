"""What the columns and the cells of a table mean: one module a shape, each read by a rule that the audit states.

``recognise`` tells the shape of a table, ``columns`` which column holds what, ``judged`` is what a shape reads from a
row, and ``messages`` finds the prompt and the answers in conversations. The shapes: ``pairs`` (plain text, under any
names), ``middle`` (with a middle answer), ``conversations``, ``transcripts`` (HH-RLHF), ``lists`` (several good
answers against several bad ones), ``preferred`` (two answers and which is better), ``ranked`` (rated or ranked
answers in a row), ``numbered`` (in columns of their own), ``labels`` (good or bad, one answer a row), ``argilla``
(records of an Argilla dataset). H4rmony's columns, and ``prompt, chosen, rejected`` in plain text, are a ``Schema``.
"""
