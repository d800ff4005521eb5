SETUP = ("SET TimeZone='UTC'", "SET integer_division=true")


def to_duckdb(tree):
    return tree.sql(dialect="duckdb")
