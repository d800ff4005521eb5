"""What moto lacks of Glue: GetPartitions by names with a hyphen, which hive-compatible keys have."""

from typing import Any

from moto.glue import utils
from pyparsing import Word


def complete_glue() -> None:
    """Give the moto of this process what it lacks; nothing else of it changes."""

    def with_hyphens(letters: str, *arguments: Any, **options: Any) -> Word:
        return Word(f"{letters}-" if letters.endswith("._") else letters, *arguments, **options)

    own: Any = utils
    plain, own.Word = own.Word, with_hyphens
    try:
        own._PARTITION_FILTER_EXPRESSION_CACHE = own._PartitionFilterExpressionCache()
    finally:
        own.Word = plain
