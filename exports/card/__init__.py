"""The dataset card: what is said of a publication, in Spanish and English, and who checks it.

``facts`` counts and measures, ``page`` renders it through ``card.md.j2``; ``tables`` writes its tables in
the words of ``exports.words``, ``licences`` settles the licence of the data, ``check`` asks whether the Hub takes it.
"""
