SELECT
    srcaddr,
    dstaddr,
    SUM(bytes) AS bytes, -- flowsql: ignore FQ701 the description says how to count each packet once
    SUM(packets) AS packets,
    COUNT(*) AS flows
FROM flows
GROUP BY srcaddr, dstaddr
ORDER BY bytes DESC, srcaddr ASC, dstaddr ASC
LIMIT 20
