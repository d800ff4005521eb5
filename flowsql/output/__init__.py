"""An answer → bytes: a table for people, the formats of files and pipes, charts."""
