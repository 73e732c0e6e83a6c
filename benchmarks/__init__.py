"""Benchmarks: ratios measured in one run on one machine; results are kept in benchmarks/README.md."""
