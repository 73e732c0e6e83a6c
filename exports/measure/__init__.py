"""What is measured of a review: agreement, anchoring, edits. Pure rules, no I/O."""
