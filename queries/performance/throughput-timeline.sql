/* ---
title: Throughput over time
description: >
  Bits each second, in time bins. All that is asked about adds up, so narrow with --interface or
  --instance for the throughput of one; over a whole VPC, traffic inside it is recorded at both ends
  and counts twice in bits_per_second, but once in bits_in and in bits_out (empty without
  flow-direction). A record counts where it starts: bins shorter than the aggregation interval (1 or
  10 minutes) show false peaks and holes, and a burst inside a record cannot be seen. Bins without
  records are absent; rejected packets are counted.
params:
  bin: {type: duration, default: 5m, help: Length of a bin; at least the aggregation interval.}
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
WITH bins AS (
    SELECT
        GREATEST("start", {{ window.start }}) / {{ bin }} * {{ bin }} AS bin_second,
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
totals AS (
    SELECT
        bin_second,
        CAST(
            LEAST(bin_second + {{ bin }}, {{ window.end }})
            - GREATEST(bin_second, {{ window.start }})
            AS DOUBLE
        ) AS seconds,
        SUM(bytes) AS byte_count,
        SUM(received) AS received,
        SUM(sent) AS sent,
        SUM(packets) AS packet_count,
        COUNT(*) AS flow_count
    FROM bins
    GROUP BY bin_second
)
SELECT
    FROM_UNIXTIME(bin_second) AS bin_start,
    byte_count * 8 / seconds AS bits_per_second,
    received * 8 / seconds AS bits_in,
    sent * 8 / seconds AS bits_out,
    packet_count / seconds AS packets_per_second,
    byte_count AS bytes,
    flow_count AS flows
FROM totals
ORDER BY bin_start ASC
