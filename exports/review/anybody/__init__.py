"""Any Argilla dataset with a ranking question, whoever made it: every response as it is stored.

::

    dataset     which questions and fields it has, and what the server stores of its records and responses
    responses   all of it as files and DataFrames
    review      the same as records and ballots, which all other functions take
"""
