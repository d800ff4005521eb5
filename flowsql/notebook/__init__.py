"""flowsql in a notebook: `%load_ext flowsql`, then `%flowsql logs/` and `%%flowsql` cells."""
