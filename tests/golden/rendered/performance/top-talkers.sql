SELECT
    srcaddr,
    dstaddr,
    SUM(bytes) AS bytes,
    SUM(packets) AS packets,
    COUNT(*) AS flows
FROM flows
GROUP BY srcaddr, dstaddr
ORDER BY bytes DESC, srcaddr ASC, dstaddr ASC
LIMIT 20
