"""flowsql in a notebook: `%load_ext flowsql`, then `%flowsql` lines and `%%flowsql` cells."""
