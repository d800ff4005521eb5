"""A batch with the spans of its numbers, each looked up once however often it is asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class Measured:
    """A batch of records that is judged, and then fitted to a window."""

    def __init__(self, batch: "pa.RecordBatch | pa.Table") -> None:
        """`batch` is never changed."""
        self.batch = batch
        self._spans: dict[str, tuple[int, int] | None] = {}

    def span(self, name: str) -> tuple[int, int] | None:
        """The least and the largest value of a column of numbers; None where there is none."""
        import pyarrow.compute as pc

        if name not in self._spans:
            found = pc.min_max(self.batch.column(name))
            least = found[0].as_py()
            self._spans[name] = None if least is None else (least, found[1].as_py())
        return self._spans[name]
