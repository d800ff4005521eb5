WITH losses AS (
    SELECT
        tgw_id,
        tgw_attachment_id,
        
        flow_direction,
        


        srcaddr,
        dstaddr,
        COALESCE(packets_lost_no_route, 0) AS no_route,
        COALESCE(packets_lost_blackhole, 0) AS blackhole,
        COALESCE(packets_lost_mtu_exceeded, 0) AS mtu_exceeded,
        COALESCE(packets_lost_ttl_expired, 0) AS ttl_expired,
        packets,
        start_time,
        end_time
    FROM flows
)
SELECT
    tgw_id,
    tgw_attachment_id,
    flow_direction,
    srcaddr,
    dstaddr,
    SUM(no_route + blackhole + mtu_exceeded + ttl_expired) AS lost,
    SUM(no_route) AS no_route,
    SUM(blackhole) AS blackhole,
    SUM(mtu_exceeded) AS mtu_exceeded,
    SUM(ttl_expired) AS ttl_expired,
    SUM(packets) AS packets,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen
FROM losses
WHERE no_route + blackhole + mtu_exceeded + ttl_expired > 0
GROUP BY tgw_id, tgw_attachment_id, flow_direction, srcaddr, dstaddr
ORDER BY
    lost DESC,
    tgw_id ASC,
    tgw_attachment_id ASC,
    flow_direction ASC,
    srcaddr ASC,
    dstaddr ASC
LIMIT 100
