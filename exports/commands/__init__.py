"""The commands of the exports, one a module."""
