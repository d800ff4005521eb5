WITH packets AS (
    SELECT
        
        COALESCE(pkt_srcaddr, srcaddr) AS source,
        COALESCE(pkt_dstaddr, dstaddr) AS target,
        



        srcport,
        dstport,
        CASE
            WHEN (bitwise_and(tcp_flags, 18) = 18) THEN 'answer'
            WHEN (bitwise_and(tcp_flags, 2) = 2) AND action = 'REJECT' THEN 'rejected call'
            WHEN (bitwise_and(tcp_flags, 2) = 2) THEN 'call'
            WHEN (bitwise_and(tcp_flags, 4) = 4) THEN 'reset'
            ELSE 'answer'
        END AS part,
        
        flow_direction = 'ingress' AS is_arrival,
        


        start_time,
        end_time
    FROM flows
    WHERE
        protocol = 6
        


),
ends AS (
    SELECT
        source < target AS is_first,
        CASE WHEN source < target THEN source ELSE target END AS first_addr,
        CASE WHEN source < target THEN srcport ELSE dstport END AS first_port,
        CASE WHEN source < target THEN target ELSE source END AS second_addr,
        CASE WHEN source < target THEN dstport ELSE srcport END AS second_port,
        part,
        is_arrival,
        start_time,
        end_time
    FROM packets
    


),
handshakes AS (
    SELECT
        first_addr,
        first_port,
        second_addr,
        second_port,
        COUNT_IF(part = 'call' AND is_first) > 0 AS is_first_calling,
        COUNT_IF(part = 'answer' AND is_first) AS first_answers,
        COUNT_IF(part = 'reset' AND is_first) AS first_resets,
        COUNT_IF(part = 'answer' AND NOT is_first) AS second_answers,
        COUNT_IF(part = 'reset' AND NOT is_first) AS second_resets,
        MAX(CASE WHEN part = 'call' THEN CAST(is_arrival AS INTEGER) END) AS arrivals,
        MIN(CASE WHEN part = 'call' THEN start_time END) AS first_seen,
        MAX(CASE WHEN part = 'call' THEN end_time END) AS last_seen
    FROM ends
    GROUP BY first_addr, first_port, second_addr, second_port
    HAVING COUNT_IF(part = 'call') > 0 AND COUNT_IF(part = 'rejected call') = 0
),
calls AS (
    SELECT
        CASE WHEN is_first_calling THEN first_addr ELSE second_addr END AS client,
        CASE WHEN is_first_calling THEN second_addr ELSE first_addr END AS server,
        CASE WHEN is_first_calling THEN second_port ELSE first_port END AS server_port,
        CASE WHEN is_first_calling THEN second_answers ELSE first_answers END AS answers,
        CASE WHEN is_first_calling THEN second_resets ELSE first_resets END AS resets,
        arrivals,
        first_seen,
        last_seen
    FROM handshakes
)
SELECT
    server AS dstaddr,
    server_port AS dstport,
    COUNT_IF(answers = 0 AND resets = 0) AS unanswered,
    CASE
        WHEN COUNT_IF(answers = 0 AND resets = 0) = 0 THEN 0
        ELSE SUM(CASE WHEN answers = 0 AND resets = 0 THEN arrivals END)
    END AS arrived,
    COUNT_IF(answers = 0 AND resets > 0) AS refused,
    COUNT_IF(answers > 0) AS answered,
    COUNT(DISTINCT CASE WHEN answers = 0 THEN client END) AS clients,
    MIN(CASE WHEN answers = 0 THEN first_seen END) AS first_seen,
    MAX(CASE WHEN answers = 0 THEN last_seen END) AS last_seen
FROM calls







GROUP BY server, server_port
HAVING COUNT_IF(answers = 0) > 0
ORDER BY unanswered DESC, refused DESC, dstaddr ASC, dstport ASC
LIMIT 100
