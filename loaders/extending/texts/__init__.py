"""What no text of a model may be, found before anybody reviews it. Pure."""
