"""Athena's SELECT grammar: where a statement leaves it, and how."""
