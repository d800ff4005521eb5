"""What of a window a table reads: times beyond its projection, places it lacks, partitions nobody registered."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from flowsql.dates import Unit
from flowsql.partitions import Partition, Term
from flowsql.query import Filters
from flowsql.table import Table
from flowsql.tables.catalogue import expression
from flowsql.tables.reach import Gap, reach
from flowsql.tables.registered import Registered
from flowsql.window import Window, parse_window

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOME = "s3://logs/AWSLogs/"
PLACES = "${account}/vpcflowlogs/${area}/"
ACCOUNT = Partition("account", "account", "enum", values=("111122223333",))
AREA = Partition("area", "region", "enum", values=("us-east-1", "eu-west-1"))


def day(first: str, last: str, form: str = "yyyy/MM/dd", interval: int = 1, unit: Unit = "day") -> Partition:
    return Partition("day", "date", "date", form, range=(first, last), interval=interval, unit=unit)


def window(text: str) -> Window:
    return parse_window(since=text, now=NOW)


def table(*partitions: Partition, rest: str = "${day}/") -> Table:
    template = f"{HOME}{PLACES}{rest}"
    return Table(("start", "end"), partitions=partitions, location=HOME, template=template, name=("net", "logs"))


def unlisted(table: Table, terms: Sequence[Term]) -> None:
    return None


def gaps(made: Table, asked: str, **filters: Any) -> tuple[Gap, ...]:
    return reach(made, window(asked), Filters(**filters), NOW, unlisted).gaps


@pytest.mark.parametrize(
    ("times", "asked", "when"),
    [
        (day("2026/11/01", "NOW"), "2026-11-21T22:30Z/PT3H", ""),
        (day("2026/11/22", "NOW"), "2026-11-21T22:30Z/PT3H", "2026-11-21"),
        (day("2026/11/22", "NOW"), "2026-11-10/2026-11-22", "2026-11-10 to 2026-11-21"),
        (day("2026/01/01", "2026/11/20"), "2026-11-20T22:30Z/PT3H", "2026-11-21"),
        # Filed by its end, a record of the last minutes may lie in the next day.
        (day("2026/01/01", "2026/11/20"), "2026-11-20T22:00Z/PT2H", "2026-11-21"),
        (day("2026/01/01", "2026/11/20"), "2026-11-20T21:00Z/PT2H", ""),
        (day("NOW-2DAYS", "NOW"), "2026-11-19/2026-11-22", "2026-11-19"),
        (day("NOW-1MONTHS", "NOW"), "2026-10-21/2026-10-24", "2026-10-21"),
        (day("NOW-1YEARS", "NOW"), "2025-11-20/2025-11-22", "2025-11-20 to 2025-11-21"),
        (day("2026/01/01", "NOW - 1DAYS"), "2026-11-20/2026-11-22T12:00Z", "2026-11-22"),
        # What is not yet cannot be missed.
        (day("2026/01/01", "NOW"), "2026-11-22/2026-11-25", ""),
        # The last of several weeks is read to its end.
        (day("2026/11/01", "2026/11/15", interval=7), "2026-11-20/2026-11-22T12:00Z", "2026-11-22"),
        (day("2026/11/22/05", "NOW", "yyyy/MM/dd/HH", unit="hour"), "2026-11-22T03:00Z/PT3H", "2026-11-22 03h to"),
    ],
)
def test_times_beyond_the_range(times: Partition, asked: str, when: str) -> None:
    found = gaps(table(ACCOUNT, AREA, times), asked)
    assert [gap.when for gap in found] == [] if not when else found[0].when.startswith(when)
    if when:
        assert found[0].why == f"projection.day.range is {','.join(times.range or ())}"


@pytest.mark.parametrize(
    ("times", "asked", "when", "read"),
    [
        (
            day("2026/11/01", "NOW", interval=2),
            "2026-11-20/2026-11-21T23:00Z",
            "2026-11-20",
            ("2026/11/19", "2026/11/21"),
        ),
        (day("2026/11/02", "NOW", interval=2), "2026-11-20/2026-11-21T23:00Z", "2026-11-21", ("2026/11/20",)),
        (day("NOW-4DAYS", "NOW", interval=2), "2026-11-21/2026-11-21T23:00Z", "2026-11-21", ("2026/11/20",)),
        (
            day("2026/11/01/00", "NOW", "yyyy/MM/dd/HH", 6, "hour"),
            "2026-11-21T05:00Z/PT3H",
            "2026-11-21 05h, 2026-11-21 07h to 2026-11-21 08h",
            ("2026/11/21/00", "2026/11/21/06"),
        ),
        (day("2026/01/01", "NOW", interval=1, unit="month"), "2026-11-01/2026-11-03", "2026-11-02 to 2026-11-03", None),
        (day("2026/11/01", "NOW", interval=36, unit="hour"), "2026-11-01/2026-11-05", "2026-11-03", None),
    ],
)
def test_times_between_the_values_of_a_wider_interval(
    times: Partition, asked: str, when: str, read: tuple[str, ...] | None
) -> None:
    found = reach(table(ACCOUNT, AREA, times), window(asked), Filters(region=("us-east-1",)), NOW, unlisted)
    (gap,) = found.gaps
    assert gap.when == when
    assert gap.why == f"projection.day.interval is {times.interval} {str(times.unit).upper()}S"
    assert len(gap.prefixes) == len(gap.moments)
    if read is not None:
        assert found.prefixes == tuple(f"{HOME}111122223333/vpcflowlogs/us-east-1/{text}/" for text in read)


def test_hours_between_the_values_of_an_integer() -> None:
    hour = Partition("hour", "hour", "integer", digits=2, range=("00", "23"), interval=2)
    made = table(ACCOUNT, AREA, day("2026/11/01", "NOW"), hour, rest="${day}/${hour}/")
    (gap,) = gaps(made, "2026-11-21T04:00Z/PT1H", region=("us-east-1",))
    assert (gap.when, gap.why) == ("2026-11-21 05h", "projection.hour.interval is 2")


@pytest.mark.parametrize(
    ("values", "at", "right"),
    [
        (("111122223333", "us-east-1", "2026", "11", "20"), "111122223333/vpcflowlogs/us-east-1/2026/11/21", "20"),
        (("111122223333", "us-east-1", "2026", "11", "20"), "111122223333/vpcflowlogs/eu-west-1/2026/11/20", "20"),
        (("111122223333", "us-east-1", "2026", "11", "20"), "444455556666/vpcflowlogs/us-east-1/2026/11/20", "20"),
    ],
)
def test_a_partition_at_the_folder_of_another(values: tuple[str, ...], at: str, right: str) -> None:
    (gap,) = of([Registered(values, HOME + at)], "2026-11-20/PT6H").gaps
    assert gap.prefixes == (f"{HOME}111122223333/vpcflowlogs/us-east-1/2026/11/{right}/",)
    assert gap.why == (
        f"partition account = {values[0]}, area = {values[1]}, year = 2026, month = 11, day = 20 is at {HOME}{at}"
    )


def test_partitions_that_are_exchanged_read_a_window_over_both() -> None:
    first, second = listed("2026/11/20", "2026/11/21")
    swapped = [Registered(first.values, second.location), Registered(second.values, first.location)]
    assert of(swapped, "2026-11-20/2026-11-21T20:00Z").gaps == ()
    assert len(of(swapped, "2026-11-20/PT6H").gaps) == 1


def test_a_gap_is_where_its_objects_would_lie_and_is_not_read() -> None:
    found = reach(
        table(ACCOUNT, AREA, day("2026/11/22", "NOW")),
        window("2026-11-21T22:30Z/PT3H"),
        Filters(region=("us-east-1",)),
        NOW,
        unlisted,
    )
    assert found.prefixes == (f"{HOME}111122223333/vpcflowlogs/us-east-1/2026/11/22/",)
    assert found.gaps[0].prefixes == (f"{HOME}111122223333/vpcflowlogs/us-east-1/2026/11/21/",)


def test_a_region_that_the_enum_lacks() -> None:
    (gap,) = gaps(table(ACCOUNT, AREA, day("2026/11/01", "NOW")), "2026-11-21/PT1H", region=("ap-south-1", "us-east-1"))
    assert (gap.when, gap.why) == ("", "projection.area.values has no ap-south-1")
    assert gap.prefixes == (f"{HOME}111122223333/vpcflowlogs/ap-south-1/2026/11/21/",)


def test_years_and_months_beyond_the_range() -> None:
    parts = (
        Partition("year", "year", "integer", digits=4, range=("2026", "2036")),
        Partition("month", "month", "integer", digits=2, range=("01", "11")),
        Partition("day", "day", "integer", digits=2, range=("01", "31")),
    )
    rest = "${year}/${month}/${day}/"
    assert gaps(table(ACCOUNT, AREA, *parts, rest=rest), "2026-11-21/PT1H") == ()
    (gap,) = gaps(table(ACCOUNT, AREA, *parts, rest=rest), "2025-11-21/PT1H")
    assert (gap.when, gap.why) == ("2025-11-21", "projection.year.range is 2026,2036")
    (gap,) = gaps(table(ACCOUNT, AREA, parts[0], parts[1], parts[2], rest=rest), "2026-11-21/PT1H", account=("9" * 12,))
    assert gap.why == f"projection.account.values has no {'9' * 12}"


REGISTERED = (
    *(Partition("account", "account"), Partition("area", "region"), Partition("year", "year")),
    *(Partition("month", "month"), Partition("day", "day")),
)


def listed(*days: str, account: str = "111122223333", area: str = "us-east-1") -> list[Registered]:
    place = f"{HOME}{account}/vpcflowlogs/{area}"
    return [
        Registered((account, area, *text.split("/")), f"{place}/2026/11/{text.rpartition('/')[2]:0>2}") for text in days
    ]


def of(found: list[Registered], asked: str, **filters: Any) -> Any:
    made = table(*REGISTERED, rest="${year}/${month}/${day}/")
    return reach(made, window(asked), Filters(**filters), NOW, lambda *_: found)


def test_days_that_nobody_registered() -> None:
    found = of(listed("2026/11/20", "2026/11/21", "2026/11/30"), "2026-11-20/2026-11-22T06:00Z")
    assert found.prefixes == tuple(f"{HOME}111122223333/vpcflowlogs/us-east-1/2026/11/{day}/" for day in (20, 21))
    (gap,) = found.gaps
    assert (gap.when, gap.why) == ("2026-11-22", "no partition is registered for it")
    assert f"{HOME}111122223333/vpcflowlogs/us-east-1/2026/11/22/" in gap.prefixes


def test_a_region_that_lacks_a_day_another_has() -> None:
    both = listed("2026/11/20", "2026/11/21") + listed("2026/11/20", area="eu-west-1")
    (gap,) = of(both, "2026-11-20/2026-11-21T23:00Z").gaps
    assert gap.when == "2026-11-21"
    assert {prefix.split("/")[6] for prefix in gap.prefixes} == {"eu-west-1"}
    assert of(both, "2026-11-20/2026-11-21T23:00Z", region=("us-east-1",)).gaps == ()
    (gap,) = of(both, "2026-11-20/PT6H", account=("9" * 12,), region=("us-east-1",)).gaps
    assert gap.prefixes


def test_numbers_with_and_without_zeros_are_one_day() -> None:
    assert of(listed("2026/11/5"), "2026-11-05/PT6H").gaps == ()
    assert of(listed("2026/11/05"), "2026-11-05/PT6H").gaps == ()


def test_nothing_is_registered_and_nobody_says_of_which_place() -> None:
    found = of([], "2026-11-05/PT6H")
    assert found.prefixes == ()
    assert [(gap.when, gap.prefixes) for gap in found.gaps] == [("2026-11-05", ())]


def test_partitions_that_cannot_be_listed_are_believed_to_be_there() -> None:
    made = table(*REGISTERED, rest="${year}/${month}/${day}/")
    found = reach(made, window("2026-11-05/PT6H"), Filters(), NOW, unlisted)
    assert (found.gaps, found.prefixes) == ((), (HOME,))


def test_a_template_that_does_not_lead_to_the_day() -> None:
    made = Table(
        ("start", "end"),
        partitions=(Partition("dt", "date", format="yyyy-MM-dd"),),
        location=HOME,
        template=f"{HOME}111122223333/vpcflowlogs/us-east-1/",
        name=("net", "logs"),
    )
    (gap,) = reach(made, window("2026-11-21T22:30Z/PT3H"), Filters(), NOW, lambda *_: []).gaps
    assert gap.prefixes == tuple(f"{HOME}111122223333/vpcflowlogs/us-east-1/2026/11/{day}/" for day in (21, 22))


def test_the_expression_that_glue_takes() -> None:
    made = table(*REGISTERED, rest="${year}/${month}/${day}/")
    assert expression(made.terms(window("2026-11-21T22:30Z/PT3H"))) == (
        "(year IN ('2026') AND month IN ('11') AND day IN ('21', '22'))"
    )
    dated = table(Partition("dt", "date", format="yyyy-MM-dd", sql_type="date"))
    assert expression(dated.terms(window("2026-11-21T22:30Z/PT3H"))) == "(dt >= '2026-11-21' AND dt <= '2026-11-22')"
    assert expression(((),)) == ""
