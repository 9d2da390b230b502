"""Editions, amendments, comparison, withdrawal."""
