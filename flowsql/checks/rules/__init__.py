"""One rule a module: its docstring is the manual page, `RULE` says what it is, `check` yields faults."""
