"""What training cost elsewhere: ordinary Spanish, people's welfare, refusals, the length of answers.

::

    texts      the Spanish texts that both models are given, of our own writing
    refusals   whether an answer refuses or evades, by a rule
    cost       each figure of the base and of the trained model, and the paired difference (pure)
    figures    all of them: what two models made of the texts, as tables and as JSON
    harness    lm-eval computes the likelihoods and generates the answers
    picture    the figures as one picture
"""
