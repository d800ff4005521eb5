"""One syntax tree → another tool's language."""
