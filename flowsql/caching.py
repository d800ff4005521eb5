"""Where flowsql keeps what it can make again."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`FLOWSQL_CACHE`, or the user's cache directory."""
    if chosen := os.environ.get("FLOWSQL_CACHE"):
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("flowsql")
