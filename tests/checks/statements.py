"""Statements over tables of every layout, made at random from a seed; what each condition means is not known here."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

LAYOUTS = ("daily", "isoday", "compact", "hourly", "ymd", "ymdh", "ymdint", "dayhour", "regdate")
"""The first parts of the names of the tables; each has three of them, `daily_1` to `daily_3`."""

_FIRST = datetime(2026, 10, 6)
_FORMATS = {
    "daily": "%Y/%m/%d",
    "isoday": "%Y-%m-%d",
    "compact": "%Y%m%d",
    "dayhour": "%Y/%m/%d",
    "regdate": "%Y-%m-%d",
}
_KEYS = {"daily": "day", "isoday": "date", "compact": "dt", "hourly": "hour", "dayhour": "day", "regdate": "date"}
_OTHERS = ("srcport = 22", "action = 'REJECT'", '"start" >= 1795000000', "bytes > 100", "srcaddr LIKE '10.%'", "TRUE")


@dataclass
class Maker:
    """Makes one statement after another."""

    seed: int
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def statement(self) -> str:
        """One SELECT."""
        r = self.random
        layout = r.choice(LAYOUTS)
        match r.randrange(11):
            case 0 | 1 | 2:
                return self.select(layout)
            case 3:
                both = r.choice(("UNION ALL", "UNION", "EXCEPT", "INTERSECT"))
                return f"{self.select(layout)} {both} {self.select(layout)}"
            case 4:
                return f"SELECT count(*) FROM ({self.select(layout)}) q {self.where(layout, 'q')}"
            case 5:
                return self.cte(layout)
            case 6 | 7:
                return self.join(layout)
            case 8:
                return self.outside(layout)
            case 9:
                return self.exists(layout)
        union = f"{self.select(layout)} UNION ALL {self.select(layout)}"
        return f"SELECT count(*) FROM ({union}) q {self.where(layout, 'q')}"

    def table(self, layout: str) -> str:
        """One of the three tables of a layout."""
        return f"{layout}_{self.random.randint(1, 3)}"

    def key_columns(self, layout: str) -> tuple[str, ...]:
        """The columns that tell time."""
        if layout.startswith("ymd"):
            return ("year", "month", "day", "hour")[: 4 if layout == "ymdh" else 3]
        return (_KEYS[layout],)

    def select(self, layout: str) -> str:
        """A SELECT of the columns that tell time and an address."""
        keys = ", ".join(f'"{name}"' for name in self.key_columns(layout))
        return f'SELECT {keys}, srcaddr, srcport, action, bytes, "start" FROM {self.table(layout)} {self.where(layout)}'

    def cte(self, layout: str) -> str:
        """A CTE that is used once or twice."""
        r = self.random
        inner = self.select(layout)
        if r.random() < 0.3:
            keys = ", ".join(f'"{name}"' for name in self.key_columns(layout))
            return (
                f"WITH c({', '.join(f'k{n}' for n, _ in enumerate(self.key_columns(layout)))}) AS "
                f"(SELECT {keys} FROM {self.table(layout)}) SELECT * FROM c WHERE {self.renamed(layout)}"
            )
        use = f"SELECT count(*) FROM c {self.where(layout)}"
        if r.random() < 0.5:
            use += f" UNION ALL SELECT count(*) FROM c {self.where(layout)}"
        return f"WITH c AS ({inner}) {use}"

    def renamed(self, layout: str) -> str:
        """A condition on the columns k0, k1 … of a CTE."""
        text = self.bound(layout, "")
        for number, name in enumerate(self.key_columns(layout)):
            text = text.replace(f'"{name}"', f"k{number}")
        return text

    def join(self, layout: str) -> str:
        """A join of two or three tables."""
        r = self.random
        keys = self.key_columns(layout)
        kind = r.choice(("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"))
        on = ["a.srcaddr = b.srcaddr"]
        if r.random() < 0.5:
            on += [f'a."{name}" = b."{name}"' for name in keys]
        if r.random() < 0.4:
            on.append(self.bound(layout, r.choice("ab")))
        text = f"SELECT count(*) FROM {self.table(layout)} a {kind} {self.table(layout)} b ON {' AND '.join(on)}"
        aliases = "ab"
        if r.random() < 0.3:
            more = r.choice(("JOIN", "LEFT JOIN", "RIGHT JOIN"))
            extra = f" AND {self.bound(layout, r.choice('abc'))}" if r.random() < 0.5 else ""
            text += f" {more} {self.table(layout)} c ON c.srcaddr = {r.choice('ab')}.srcaddr{extra}"
            aliases = "abc"
        conditions = [self.condition(layout, alias) for alias in aliases if r.random() < 0.6]
        if r.random() < 0.15:
            conditions.append(f"({self.bound(layout, 'a')} OR {self.bound(layout, 'b')})")
        return text + (f" WHERE {' AND '.join(conditions)}" if conditions else "")

    def outside(self, layout: str) -> str:
        """Conditions outside what comes between them and the table."""
        r = self.random
        keys = ", ".join(f'"{name}"' for name in self.key_columns(layout))
        table = self.table(layout)
        first = f'"{self.key_columns(layout)[0]}"'
        inner = r.choice(
            (
                f"SELECT {keys}, bytes FROM {table} LIMIT 10",
                f"SELECT {keys}, bytes FROM {table} ORDER BY bytes",
                f"SELECT {keys}, bytes FROM {table} ORDER BY bytes LIMIT 10",
                f"SELECT DISTINCT {keys} FROM {table}",
                f"SELECT {keys}, count(*) AS n FROM {table} GROUP BY {keys}",
                f"SELECT {keys}, count(*) AS n FROM {table} GROUP BY ROLLUP ({keys})",
                f"SELECT {keys}, row_number() OVER (ORDER BY bytes) AS n FROM {table}",
                f"SELECT {keys}, row_number() OVER (PARTITION BY {keys} ORDER BY bytes) AS n FROM {table}",
                f"SELECT max({first}) AS {first}, max(1) AS n FROM {table} GROUP BY srcaddr",
                f"SELECT {keys} FROM {table} TABLESAMPLE BERNOULLI (10)",
                f"SELECT {keys}, u FROM {table} CROSS JOIN UNNEST(ARRAY[1, 2]) AS t(u)",
                f"SELECT lower(CAST({first} AS varchar)) AS {first} FROM {table}",
            )
        )
        if inner.startswith(("SELECT max", "SELECT lower")):
            return f"SELECT count(*) FROM ({inner}) q WHERE q.{first} IS NOT NULL"
        return f"SELECT count(*) FROM ({inner}) q WHERE {self.bound(layout, 'q')}"

    def exists(self, layout: str) -> str:
        """A subquery in the condition."""
        r = self.random
        kind = r.choice(("EXISTS", "NOT EXISTS", "IN", "scalar"))
        inner = f"FROM {self.table(layout)} i {self.where(layout, 'i')}"
        if r.random() < 0.4:
            same = " AND ".join(f'i."{name}" = o."{name}"' for name in self.key_columns(layout))
            inner += f" AND {same}" if "WHERE" in inner else f" WHERE {same}"
        test = {
            "EXISTS": f"EXISTS (SELECT 1 {inner})",
            "NOT EXISTS": f"NOT EXISTS (SELECT 1 {inner})",
            "IN": f"srcaddr IN (SELECT dstaddr {inner})",
            "scalar": f"bytes > (SELECT avg(bytes) {inner})",
        }[kind]
        joint = r.choice(("AND", "AND", "OR"))
        return f"SELECT count(*) FROM {self.table(layout)} o WHERE {self.condition(layout, 'o')} {joint} {test}"

    def where(self, layout: str, alias: str = "") -> str:
        """A WHERE clause, or none."""
        return f"WHERE {self.condition(layout, alias)}" if self.random.random() < 0.85 else ""

    def condition(self, layout: str, alias: str, depth: int = 0) -> str:
        """Bounds and other conditions together."""
        r = self.random
        draw = r.random()
        if depth < 2 and draw < 0.25:
            return f"({self.condition(layout, alias, depth + 1)} AND {self.condition(layout, alias, depth + 1)})"
        if depth < 2 and draw < 0.45:
            return f"({self.condition(layout, alias, depth + 1)} OR {self.condition(layout, alias, depth + 1)})"
        if depth < 2 and draw < 0.52:
            return f"NOT ({self.condition(layout, alias, depth + 1)})"
        return r.choice(_OTHERS) if draw > 0.9 and not alias else self.bound(layout, alias)

    def bound(self, layout: str, alias: str) -> str:
        """A condition on the columns that tell time."""
        dot = f"{alias}." if alias else ""
        if layout.startswith("ymd"):
            return self._parts(layout, dot)
        return self._date(layout, f'{dot}"{_KEYS[layout]}"')

    def _moment(self) -> datetime:
        return _FIRST + timedelta(hours=self.random.randrange(24 * 75))

    def _literal(self, layout: str, moment: datetime) -> str:
        if layout == "hourly":
            return f"'{_FIRST.replace(month=11) + (moment - _FIRST) / 19:%Y/%m/%d/%H}'"
        prefix = "DATE " if layout == "regdate" else ""
        return f"{prefix}'{moment.strftime(_FORMATS[layout])}'"

    def _date(self, layout: str, column: str) -> str:
        r = self.random
        low, high = sorted((self._moment(), self._moment()))
        first, last = self._literal(layout, low), self._literal(layout, high)
        match r.randrange(16):
            case 0 | 1:
                return f"{column} BETWEEN {first} AND {last}"
            case 2 | 3:
                return f"({column} >= {first} AND {column} <= {last})"
            case 4:
                return f"({first} < {column} AND {last} > {column})"
            case 5 | 6:
                return f"{column} = {first}"
            case 7:
                return f"{column} IN ({first}, {last})"
            case 8:
                return f"{column} {r.choice(('>=', '>'))} {first}"
            case 9:
                return f"{column} {r.choice(('<=', '<'))} {last}"
            case 10:
                return f"{column} {r.choice(('<>', 'NOT IN'))} {f'({first})'}"
            case 11 if layout != "regdate":
                return f"{column} {r.choice(('LIKE', 'LIKE', 'NOT LIKE'))} '{self._literal(layout, low)[1:8]}%'"
            case 12 if layout != "regdate":
                return f"substr({column}, 1, 7) = '{self._literal(layout, low)[1:8]}'"
            case 13:
                return f"{column} NOT BETWEEN {first} AND {last}"
            case 14 if layout != "regdate":
                return f"{column} LIKE '%1'"
        return f"{column} IS NOT NULL"

    def _parts(self, layout: str, dot: str) -> str:
        r = self.random
        moment = self._moment()
        quote = "" if layout == "ymdint" else "'"
        year = f"{quote}{r.choice((2025, 2026, 2027))}{quote}"
        months = (10, 11, 12) if layout == "ymdh" else range(1, 13)
        number = r.choice(list(months))
        month = str(number) if layout == "ymdint" else f"'{number:02d}'"
        day = str(moment.day) if layout == "ymdint" else f"'{moment.day:02d}'"
        match r.randrange(12):
            case 0 | 1 | 2:
                return f'({dot}"year" = {year} AND {dot}"month" = {month} AND {dot}"day" = {day})'
            case 3 | 4:
                return f'({dot}"year" = {year} AND {dot}"month" = {month})'
            case 5:
                return f'{dot}"year" = {year}'
            case 6:
                return f'{dot}"month" = {month}'
            case 7:
                return f'{dot}"year" {r.choice((">=", "<=", "<>"))} {year}'
            case 8:
                return f'{dot}"year" BETWEEN {year} AND {year}'
            case 9:
                return f'{dot}"day" IN ({day})'
            case 10:
                return f'CAST({dot}"year" AS integer) = {year.strip(quote) if quote else year}'
        return f'({dot}"year", {dot}"month") IN (({year}, {month}))'
