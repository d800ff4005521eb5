WITH departures AS (
    SELECT
        srcaddr,
        dstaddr,
        
        instance_id,
        


        interface_id,
        bytes,
        
        CASE WHEN pkt_dst_aws_service IS NOT NULL THEN bytes ELSE 0 END AS to_aws
        


    FROM flows
    WHERE
        action = 'ACCEPT'
        
        AND flow_direction = 'egress'
        




        
        AND (traffic_path IN (2, 8) OR traffic_path IS NULL AND STRPOS(dstaddr, ':') > 0)
        
        AND (NOT (contains('10.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('172.16.0.0/12', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('192.168.0.0/16', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('100.64.0.0/10', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('169.254.0.0/16', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('127.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('fc00::/7', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('fe80::/10', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('::1/128', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('0.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('224.0.0.0/3', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('ff00::/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('::/128', TRY_CAST(dstaddr AS IPADDRESS))))
        


),
senders AS (
    SELECT
        srcaddr,
        instance_id,
        interface_id,
        SUM(bytes) AS byte_count,
        SUM(to_aws) AS aws_count,
        COUNT(DISTINCT dstaddr) AS destination_count,
        COUNT(*) AS flow_count
    FROM departures
    GROUP BY srcaddr, instance_id, interface_id
)
SELECT
    srcaddr,
    instance_id,
    interface_id,
    byte_count AS bytes,
    aws_count AS aws_bytes,
    destination_count AS destinations,
    flow_count AS flows,
    (byte_count - COALESCE(aws_count, 0)) / 1073741824E0 * 0.09E0 AS cost_usd,
    
    'traffic-path' AS basis
    




FROM senders
ORDER BY bytes DESC, srcaddr ASC, instance_id ASC, interface_id ASC
LIMIT 100
