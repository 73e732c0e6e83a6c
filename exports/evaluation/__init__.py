"""What a model's answers are worth, by a judge that is itself measured, and without a judge."""
