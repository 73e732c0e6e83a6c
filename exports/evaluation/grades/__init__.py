"""Answers and the grades that a judge or people gave them: files, logs, and which answers people grade."""
