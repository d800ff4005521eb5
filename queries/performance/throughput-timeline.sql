/* ---
title: Throughput over time
description: >
  Bits each second, in time bins. All that is asked about adds up, so narrow with --interface or
  --instance for the throughput of one; over a whole VPC, traffic inside it is recorded at both ends
  and counts twice in bits_per_second, but once in bits_in and in bits_out (empty without
  flow-direction). A record's bytes are spread evenly over the time it covers, up to ten minutes,
  and only its share inside the window counts, so a burst inside a record cannot be seen. flows are
  the records that cover some of the bin. Bins without records are absent; rejected packets count.
params:
  bin: {type: duration, default: 5m, help: Length of a bin.}
columns:
  bin_start: timestamp
  bits_per_second: float
  bits_in: float
  bits_out: float
  packets_per_second: float
  bytes: int
  flows: int
tags: [throughput, bandwidth, timeline, bytes]
--- */
WITH spans AS (
    SELECT
        GREATEST("start", {{ window.start }}) AS first_second,
        LEAST(GREATEST("end", "start" + 1), {{ window.end }}) AS last_second,
        CAST(GREATEST("end" - "start", 1) AS DOUBLE) AS seconds,
        bytes,
        packets,
        {% if has('flow_direction') %}
        CASE WHEN flow_direction = 'ingress' THEN bytes ELSE 0 END AS received,
        CASE WHEN flow_direction = 'egress' THEN bytes ELSE 0 END AS sent
        {% else %}
        CAST(NULL AS BIGINT) AS received,
        CAST(NULL AS BIGINT) AS sent
        {% endif %}
    FROM {{ flows }}
),
shares AS (
    SELECT
        bins.bin_second,
        (
            LEAST(bins.bin_second + {{ bin }}, spans.last_second)
            - GREATEST(bins.bin_second, spans.first_second)
        ) / spans.seconds AS share,
        spans.bytes,
        spans.packets,
        spans.received,
        spans.sent
    FROM spans
    CROSS JOIN
        UNNEST(
            SEQUENCE(
                spans.first_second / {{ bin }} * {{ bin }},
                GREATEST(spans.last_second - 1, spans.first_second) / {{ bin }} * {{ bin }},
                {{ bin }}
            )
        ) AS bins (bin_second)
),
totals AS (
    SELECT
        bin_second,
        CAST(
            LEAST(bin_second + {{ bin }}, {{ window.end }})
            - GREATEST(bin_second, {{ window.start }})
            AS DOUBLE
        ) AS seconds,
        SUM(bytes * share) AS byte_count,
        SUM(received * share) AS received,
        SUM(sent * share) AS sent,
        SUM(packets * share) AS packet_count,
        COUNT(*) AS flow_count
    FROM shares
    WHERE share > 0
    GROUP BY bin_second
)
SELECT
    FROM_UNIXTIME(bin_second) AS bin_start,
    byte_count * 8 / seconds AS bits_per_second,
    received * 8 / seconds AS bits_in,
    sent * 8 / seconds AS bits_out,
    packet_count / seconds AS packets_per_second,
    CAST(ROUND(byte_count) AS BIGINT) AS bytes,
    flow_count AS flows
FROM totals
ORDER BY bin_start ASC
