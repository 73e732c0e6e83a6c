"""From the ballots on a record to its pairs and final texts. Pure rules, no I/O."""
