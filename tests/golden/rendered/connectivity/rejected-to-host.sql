WITH rejects AS (
    SELECT
        srcaddr,
        srcport,
        dstport,
        protocol,
        interface_id,
        
        flow_direction,
        


        
        reject_reason,
        


        packets,
        start_time,
        end_time,
        
        CASE
            WHEN protocol <> 6 OR tcp_flags IS NULL THEN 'ports'
            ELSE 'tcp-flags'
        END AS basis,
        CASE
            WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN 'reply'
            WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN 'request'
            WHEN protocol = 6 AND tcp_flags IS NOT NULL THEN 'late'
            WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply'
            ELSE 'request'
        END AS kind
        






    FROM flows
    WHERE
        action = 'REJECT'
        AND '10.0.0.5' IN (dstaddr, pkt_dstaddr)
),
refusals AS (
    SELECT
        srcaddr,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        CASE
            WHEN kind = 'reply' THEN srcport
            WHEN kind = 'late' AND srcport < 32768 AND dstport >= 32768 THEN srcport
            ELSE dstport
        END AS service_port,
        kind,
        interface_id,
        flow_direction,
        reject_reason,
        packets,
        start_time,
        end_time,
        basis
    FROM rejects
)
SELECT
    srcaddr,
    protocol_name AS protocol,
    service_port AS port,
    kind,
    interface_id,
    flow_direction,
    reject_reason,
    COUNT(*) AS rejects,
    SUM(packets) AS packets,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    basis
FROM refusals
GROUP BY
    srcaddr,
    protocol_name,
    service_port,
    kind,
    interface_id,
    flow_direction,
    reject_reason,
    basis
ORDER BY
    rejects DESC,
    srcaddr ASC,
    protocol ASC,
    port ASC,
    kind ASC,
    interface_id ASC,
    flow_direction ASC,
    reject_reason ASC,
    basis ASC
LIMIT 100
