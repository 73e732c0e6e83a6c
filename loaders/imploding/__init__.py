"""From preference pairs to one record per prompt."""
