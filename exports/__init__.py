"""From reviews to training data."""
