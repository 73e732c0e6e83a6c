"""Counterfactual twins: a best answer beside itself with one feature flipped."""
