"""The commands of the loaders, one a module."""
