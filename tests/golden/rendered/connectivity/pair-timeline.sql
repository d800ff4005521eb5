WITH tallies AS (
    SELECT
        from_unixtime("start" / 60 * 60) AS bin_start,
        '10.0.0.5' IN (srcaddr, COALESCE(pkt_srcaddr, srcaddr)) AS is_from_a,
        interface_id,
        COUNT_IF(action = 'ACCEPT') AS accepted,
        COUNT_IF(action = 'REJECT') AS rejected,
        SUM(CASE WHEN action = 'ACCEPT' THEN packets ELSE 0 END) AS accepted_packets,
        SUM(packets) AS packets,
        SUM(bytes) AS bytes
    FROM flows
    WHERE
        '10.0.0.5' IN (srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr)
        AND '10.0.0.5' IN (srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr)
        AND '10.0.0.5' <> '10.0.0.5'
    GROUP BY
        from_unixtime("start" / 60 * 60),
        '10.0.0.5' IN (srcaddr, COALESCE(pkt_srcaddr, srcaddr)),
        interface_id
),
totals AS (
    SELECT
        bin_start,
        is_from_a,
        interface_id,
        accepted,
        rejected,
        packets,
        bytes,
        SUM(accepted_packets) OVER (PARTITION BY is_from_a, interface_id) AS interface_accepted,
        SUM(packets) OVER (PARTITION BY is_from_a, interface_id) AS interface_packets
    FROM tallies
),
ranks AS (
    SELECT
        bin_start,
        is_from_a,
        accepted,
        rejected,
        packets,
        bytes,
        DENSE_RANK() OVER (
            PARTITION BY is_from_a
            ORDER BY interface_accepted DESC, interface_packets DESC, interface_id ASC
        ) AS interface_rank
    FROM totals
)
SELECT
    bin_start AS bin,
    CASE WHEN is_from_a THEN '10.0.0.5' ELSE '10.0.0.5' END AS srcaddr,
    CASE WHEN is_from_a THEN '10.0.0.5' ELSE '10.0.0.5' END AS dstaddr,
    SUM(CASE WHEN interface_rank = 1 THEN accepted ELSE 0 END) AS accepted,
    SUM(rejected) AS rejected,
    SUM(CASE WHEN interface_rank = 1 THEN packets END) AS packets,
    SUM(CASE WHEN interface_rank = 1 THEN bytes END) AS bytes
FROM ranks
GROUP BY bin_start, is_from_a
HAVING MIN(interface_rank) = 1 OR SUM(rejected) > 0
ORDER BY bin ASC, is_from_a DESC
LIMIT 1000
