"""What grades say: a score with its interval, the judge's card, comparisons, ranks, plans. Pure rules."""
