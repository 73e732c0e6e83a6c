"""The translation engines, one a module, and what they share."""
