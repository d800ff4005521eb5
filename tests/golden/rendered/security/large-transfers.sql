WITH departures AS (
    SELECT
        srcaddr,
        dstaddr,
        interface_id,
        bytes,
        packets,
        start_time,
        end_time,
        
        'flow-direction' AS basis,
        




        CASE
            
            WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN TRUE
            WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN FALSE
            
            WHEN protocol NOT IN (6, 17) THEN FALSE
            WHEN srcport < 1024 AND dstport >= 1024 THEN TRUE
            WHEN srcport < 32768 AND dstport >= 32768 THEN TRUE
            ELSE FALSE
        END AS served
    FROM flows
    WHERE
        action = 'ACCEPT'
        
        AND flow_direction = 'egress'
        




        AND (NOT (contains('10.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('172.16.0.0/12', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('192.168.0.0/16', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('100.64.0.0/10', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('169.254.0.0/16', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('127.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('fc00::/7', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('fe80::/10', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('::1/128', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('0.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('224.0.0.0/3', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('ff00::/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('::/128', TRY_CAST(dstaddr AS IPADDRESS))))
        


),
interfaces AS (
    SELECT
        srcaddr,
        dstaddr,
        interface_id,
        basis,
        SUM(bytes) AS byte_count,
        SUM(CASE WHEN served THEN bytes ELSE 0 END) AS served_count,
        SUM(packets) AS packet_count,
        COUNT(*) AS flow_count,
        MIN(start_time) AS first_start,
        MAX(end_time) AS last_end
    FROM departures
    GROUP BY srcaddr, dstaddr, interface_id, basis
)
SELECT
    srcaddr,
    dstaddr,
    MAX(byte_count) AS bytes,
    MAX(served_count) AS served_bytes,
    MAX(packet_count) AS packets,
    MAX(flow_count) AS flows,
    MIN(first_start) AS first_seen,
    MAX(last_end) AS last_seen,
    basis
FROM interfaces
GROUP BY srcaddr, dstaddr, basis
HAVING MAX(byte_count) >= 1000000000
ORDER BY bytes DESC, srcaddr ASC, dstaddr ASC, basis ASC
LIMIT 100
