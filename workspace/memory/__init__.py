"""The translation memory, its exchange format, and the glossary."""
