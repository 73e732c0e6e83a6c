"""A review as it was collected: read from Argilla, kept in files, under names or pseudonyms."""
