"""The demo: the whole path on the embedded server, with a sample of our own and two scripted reviewers."""
