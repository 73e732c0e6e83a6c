"""Models that run on this machine: found or downloaded, loaded late, and run in batches."""
