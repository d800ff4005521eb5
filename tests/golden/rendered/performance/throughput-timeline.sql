WITH bins AS (
    SELECT
        GREATEST("start", 1795341600) / 300 * 300 AS bin_second,
        bytes,
        packets,
        
        CASE WHEN flow_direction = 'ingress' THEN bytes ELSE 0 END AS received,
        CASE WHEN flow_direction = 'egress' THEN bytes ELSE 0 END AS sent
        



    FROM flows
),
totals AS (
    SELECT
        bin_second,
        CAST(
            LEAST(bin_second + 300, 1795345200)
            - GREATEST(bin_second, 1795341600)
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
