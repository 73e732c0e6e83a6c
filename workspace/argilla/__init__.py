"""Argilla: the way to its HTTP API, its JSON and back, and the dataset that reviewers see.

- ``connection``: what scripts and commands hold; ``gateway``: one dataset and its records on the server, over
  ``accounts`` (users, workspace) and ``client`` (requests, sent again where that can help)
- ``listing``: the API's answers as values; ``codec``: a record as Argilla's JSON and back; ``verbatim``: texts that
  its page leaves as they are; ``settings``, ``names``, ``templates/``: what reviewers see
- ``beside``: the datasets of one review; ``foreign``: records that are not ours; ``posting``: answers of scripts;
  ``renew``, ``status``, ``team``: what the commands ``settings``, ``status`` and ``team`` do
"""
