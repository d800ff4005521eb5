WITH spans AS (
    SELECT
        GREATEST("start", 1795341600) AS first_second,
        LEAST(GREATEST("end", "start" + 1), 1795345200) AS last_second,
        CAST(GREATEST("end" - "start", 1) AS DOUBLE) AS seconds,
        bytes,
        packets,
        
        CASE WHEN flow_direction = 'ingress' THEN bytes ELSE 0 END AS received,
        CASE WHEN flow_direction = 'egress' THEN bytes ELSE 0 END AS sent
        



    FROM flows
),
shares AS (
    SELECT
        bins.bin_second,
        (
            LEAST(bins.bin_second + 300, spans.last_second)
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
                spans.first_second / 300 * 300,
                GREATEST(spans.last_second - 1, spans.first_second) / 300 * 300,
                300
            )
        ) AS bins (bin_second)
),
totals AS (
    SELECT
        bin_second,
        CAST(
            LEAST(bin_second + 300, 1795345200)
            - GREATEST(bin_second, 1795341600)
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
