"""A model answers test prompts, and a judge (a language model with a rubric) grades the answers.

::

    answer      evaluate answer
    grade       evaluate grade
    asking      many questions to a model, and what came of each
    by_lm_eval  a model that lm-eval opens, asked as every other is
    settings    how a model is asked
    stored      the settings beside a file of answers or grades
    prompts     the prompts of a source, and the answers that it has
    rubric      what the judge is told, and how its reply is read
    eval_yaml   the evaluation as Inspect AI runs it
"""
