"""The Athena API, served as AWS behaves, executing on Trino, Hive's grammar and the local Glue and S3."""
