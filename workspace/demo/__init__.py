"""The demo: the whole path on the embedded server, with two samples of our own and two scripted reviewers."""
