"""From preference pairs to one record a prompt."""
