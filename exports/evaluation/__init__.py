"""What a model's answers are worth, by a judge that is itself measured, and without a judge.

::

    run         score, validate, plan and compare: from files or grades to a result
    people      people's grades of a sample, through Argilla
    read        scores and judges' cards, from their JSON
    costs       what training cost elsewhere
    judging     a model answers, and a judge grades
    likelihood  the score without a judge
    scores      scores, differences, plans and the judge's card, with intervals (pure)
    backends    the models that lm-eval opens
    grades      answers and grades, as files, logs of Inspect AI and samples of lm-eval have them
"""
