"""How a text is cut for an engine and put together again."""
