"""Publish a review on the Hugging Face Hub."""
