"""The values both sides speak of: records, ballots, slots, H4rmony's columns. Pure rules, no I/O."""
