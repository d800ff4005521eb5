WITH probes AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        action,
        start_time,
        end_time,
        
        CASE WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN 'reply' WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN 'request' END AS flagged,
        


        CASE
            WHEN dstport < 1024 AND srcport >= 1024 THEN 'request'
            WHEN dstport < 32768 AND srcport >= 32768 THEN 'request'
            ELSE 'unknown'
        END AS guessed
    FROM flows
    WHERE protocol IN (6, 17)
)
SELECT
    srcaddr,
    dstaddr,
    COUNT(DISTINCT protocol * 65536 + dstport) AS ports,
    COUNT(DISTINCT protocol * 65536 + dstport)
    - COUNT(DISTINCT CASE WHEN action = 'REJECT' THEN protocol * 65536 + dstport END)
        AS accepted_ports,
    COUNT(DISTINCT CASE WHEN action = 'REJECT' THEN protocol * 65536 + dstport END)
        AS rejected_ports,
    MIN(dstport) AS lowest_port,
    MAX(dstport) AS highest_port,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    CASE WHEN COUNT(flagged) > 0 THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM probes
WHERE COALESCE(flagged, guessed) = 'request'
GROUP BY srcaddr, dstaddr
HAVING COUNT(DISTINCT protocol * 65536 + dstport) >= 20
ORDER BY ports DESC, srcaddr ASC, dstaddr ASC
LIMIT 100
