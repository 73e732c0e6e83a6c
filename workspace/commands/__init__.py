"""The commands that belong to neither side, one a module."""
