"""What a model's answers are worth by a judge that is itself measured. Pure rules; only ``files`` reads."""
