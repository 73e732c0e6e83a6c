"""New Spanish prompts with three answers whose ranking is known beforehand, because each is written in a role."""
