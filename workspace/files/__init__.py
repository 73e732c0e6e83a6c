"""Files of this project's own: JSON Lines and SQLite."""
