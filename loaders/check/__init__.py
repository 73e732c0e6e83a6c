"""What is checked before review: flags, adequacy, near-duplicates."""
