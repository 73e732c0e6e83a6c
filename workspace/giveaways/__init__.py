"""From which features of its surface the rank of an answer can be read without reading it. Pure rules, no I/O."""

from workspace.giveaways.measure import GiveAways, Surface, measure_giveaways
from workspace.giveaways.shares import Share

__all__ = ["GiveAways", "Share", "Surface", "measure_giveaways"]
