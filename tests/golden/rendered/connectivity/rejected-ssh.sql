SELECT
    srcaddr,
    interface_id,
    COUNT(*) AS attempts,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen
FROM flows
WHERE
    action = 'REJECT'
    AND protocol = 6
    AND dstport = 22
GROUP BY srcaddr, interface_id
ORDER BY attempts DESC, srcaddr ASC, interface_id ASC
LIMIT 100
