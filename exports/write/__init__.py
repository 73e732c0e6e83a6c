"""Write training data to a folder."""
