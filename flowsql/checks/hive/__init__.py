"""Athena's DDL, which is Hive's: read into its parts, and where it leaves the grammar."""
