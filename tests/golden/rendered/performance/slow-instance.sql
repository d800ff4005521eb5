WITH records_seen AS (
    SELECT
        'now' AS period,
        CAST(0 AS BIGINT) AS slice,
        srcaddr,
        dstaddr,
        protocol,
        action,
        bytes,
        packets,
        
        tcp_flags,
        
        
        flow_direction,
        
        interface_id,
        "start" AS started
    FROM flows
    WHERE
        "start" >= 1795341600
        


    UNION ALL
    SELECT
        'before' AS period,
        (1795341600 - 1 - "start") / 3600 AS slice,
        srcaddr,
        dstaddr,
        protocol,
        action,
        bytes,
        packets,
        
        tcp_flags,
        
        
        flow_direction,
        
        interface_id,
        "start" AS started
    FROM baseline_1d
    WHERE
        "start" >= 1795341600 - 86400
        AND "start" < 1795341600
        


),
weighed AS (
    SELECT
        period,
        slice,
        srcaddr,
        dstaddr,
        
        flow_direction = 'egress' AS sends,
        




        
        protocol = 6
        AND (bitwise_and(tcp_flags, 2) = 2)
        AND NOT (bitwise_and(tcp_flags, 18) = 18) AS opens,
        CASE WHEN protocol = 6 THEN (bitwise_and(tcp_flags, 4) = 4) END AS resets,
        



        action,
        bytes,
        packets,
        interface_id,
        started,
        COUNT(*) OVER (PARTITION BY interface_id) AS weight
    FROM records_seen
    


),
ranked AS (
    SELECT
        period,
        slice,
        CASE WHEN sends THEN dstaddr ELSE srcaddr END AS peer,
        sends,
        opens,
        resets,
        action,
        bytes,
        packets,
        started,
        DENSE_RANK() OVER (ORDER BY weight DESC, interface_id ASC) AS place
    FROM weighed
),
slices AS (
    SELECT
        period,
        slice,
        MIN(started) AS first_start,
        SUM(CASE WHEN action = 'ACCEPT' AND NOT sends THEN bytes ELSE 0 END) AS bytes_in,
        SUM(CASE WHEN action = 'ACCEPT' AND sends THEN bytes ELSE 0 END) AS bytes_out,
        SUM(CASE WHEN action = 'ACCEPT' AND NOT sends THEN packets ELSE 0 END) AS packets_in,
        SUM(CASE WHEN action = 'ACCEPT' AND sends THEN packets ELSE 0 END) AS packets_out,
        COUNT(*) AS flow_count,
        COUNT(DISTINCT peer) AS peer_count,
        COUNT_IF(opens AND NOT sends) AS opened_in,
        COUNT_IF(opens AND sends) AS opened_out,
        COUNT_IF(action = 'REJECT' AND NOT sends) AS rejects_in,
        COUNT_IF(action = 'REJECT' AND sends) AS rejects_out,
        COUNT_IF(resets) AS reset_count,
        COUNT(resets) AS tcp_count,
        COUNT(opens) AS flagged_count,
        COUNT(sends) AS directed_count
    FROM ranked
    


    GROUP BY period, slice
),
periods AS (
    SELECT
        period,
        CAST(
            CASE period
                WHEN 'now' THEN 3600
                ELSE GREATEST(
                    1795341600 - MIN(first_start),
                    LEAST(3600, 86400)
                )
            END
            AS DOUBLE
        ) AS seconds,
        SUM(bytes_in) AS bytes_in,
        SUM(bytes_out) AS bytes_out,
        SUM(packets_in) AS packets_in,
        SUM(packets_out) AS packets_out,
        SUM(flow_count) AS flow_count,
        SUM(peer_count) AS peer_count,
        SUM(opened_in) AS opened_in,
        SUM(opened_out) AS opened_out,
        SUM(rejects_in) AS rejects_in,
        SUM(rejects_out) AS rejects_out,
        SUM(reset_count) AS reset_count,
        SUM(tcp_count) AS tcp_count,
        SUM(flagged_count) AS flagged_count,
        SUM(directed_count) AS directed_count
    FROM slices
    GROUP BY period
),
readings AS (
    SELECT
        metrics.place,
        metrics.metric,
        metrics.note,
        periods.period,
        CASE metrics.metric
            WHEN 'bits_in_per_second'
                THEN CASE WHEN directed_count > 0 THEN bytes_in * 8 / seconds END
            WHEN 'bits_out_per_second'
                THEN CASE WHEN directed_count > 0 THEN bytes_out * 8 / seconds END
            WHEN 'packets_in_per_second'
                THEN CASE WHEN directed_count > 0 THEN packets_in / seconds END
            WHEN 'packets_out_per_second'
                THEN CASE WHEN directed_count > 0 THEN packets_out / seconds END
            WHEN 'bytes_per_packet_in' THEN bytes_in / CAST(NULLIF(packets_in, 0) AS DOUBLE)
            WHEN 'bytes_per_packet_out' THEN bytes_out / CAST(NULLIF(packets_out, 0) AS DOUBLE)
            WHEN 'flows_per_minute' THEN flow_count * 60 / seconds
            WHEN 'peers'
                THEN CASE
                    WHEN directed_count > 0
                        THEN peer_count / GREATEST(seconds / 3600, 1E0)
                END
            WHEN 'connections_in_per_minute'
                THEN CASE
                    WHEN LEAST(flagged_count, directed_count) > 0 THEN opened_in * 60 / seconds
                END
            WHEN 'connections_out_per_minute'
                THEN CASE
                    WHEN LEAST(flagged_count, directed_count) > 0 THEN opened_out * 60 / seconds
                END
            WHEN 'rejects_in_per_minute'
                THEN CASE WHEN directed_count > 0 THEN rejects_in * 60 / seconds END
            WHEN 'rejects_out_per_minute'
                THEN CASE WHEN directed_count > 0 THEN rejects_out * 60 / seconds END
            WHEN 'rst_share' THEN reset_count / CAST(NULLIF(tcp_count, 0) AS DOUBLE)
        END AS reading
    FROM periods
    CROSS JOIN (
        VALUES
        (1, 'bits_in_per_second', 'throughput-timeline shows when'),
        (2, 'bits_out_per_second', 'near the bandwidth of the instance type it is throttled'),
        (3, 'packets_in_per_second', 'instance types also limit packets'),
        (4, 'packets_out_per_second', 'instance types also limit packets'),
        (5, 'bytes_per_packet_in', 'small: chatty clients; near the MTU: bulk'),
        (6, 'bytes_per_packet_out', 'small: chatty answers; near the MTU: bulk'),
        (7, 'flows_per_minute', 'records, at least one for each connection and interval'),
        (8, 'connections_in_per_minute', 'TCP records with a SYN to the host; needs tcp-flags'),
        (9, 'connections_out_per_minute', 'TCP records with its own SYN; needs tcp-flags'),
        (10, 'peers', 'different addresses in one window length'),
        (11, 'rejects_in_per_minute', 'rejected-to-host shows who; includes late packets'),
        (12, 'rejects_out_per_minute', 'what the host cannot reach; includes late packets'),
        (13, 'rst_share', 'TCP records with RST: refused or cut off; needs tcp-flags'),
        (14, 'latency', 'not in flow logs: load balancer logs, or Traffic Mirroring'),
        (15, 'retransmits', 'not in flow logs: counters of the host, or Traffic Mirroring')
    ) AS metrics (place, metric, note)
),
compared AS (
    SELECT
        place,
        metric,
        note,
        MAX(CASE WHEN period = 'now' THEN reading END) AS now_reading,
        MAX(CASE WHEN period = 'before' THEN reading END) AS before_reading
    FROM readings
    GROUP BY place, metric, note
)
SELECT
    metric,
    now_reading AS now,
    before_reading AS before,
    now_reading / NULLIF(before_reading, 0) AS ratio,
    note
FROM compared
ORDER BY place ASC
