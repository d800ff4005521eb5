WITH requests AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        interface_id,
        
        flow_direction,
        


        action,
        packets,
        start_time,
        end_time,
        
        CASE WHEN protocol = 6 THEN 'tcp-flags' ELSE 'ports' END AS basis
        


    FROM flows
    WHERE
        


        flow_direction = 'egress'
        


        
        AND CASE
            WHEN protocol = 6
                THEN (bitwise_and(tcp_flags, 2) = 2) AND NOT (bitwise_and(tcp_flags, 18) = 18)
            ELSE srcport >= 32768 OR dstport < 32768
        END
        


)
SELECT
    srcaddr,
    dstaddr,
    dstport,
    protocol_name AS protocol,
    interface_id,
    flow_direction,
    COUNT_IF(action = 'REJECT') AS rejects,
    COUNT_IF(action = 'ACCEPT') AS accepted,
    SUM(CASE WHEN action = 'REJECT' THEN packets END) AS packets,
    MIN(CASE WHEN action = 'REJECT' THEN start_time END) AS first_seen,
    MAX(CASE WHEN action = 'REJECT' THEN end_time END) AS last_seen,
    basis
FROM requests
GROUP BY srcaddr, dstaddr, dstport, protocol_name, interface_id, flow_direction, basis
HAVING COUNT_IF(action = 'REJECT') > 0
ORDER BY
    rejects DESC,
    srcaddr ASC,
    dstaddr ASC,
    dstport ASC,
    protocol ASC,
    interface_id ASC,
    flow_direction ASC,
    basis ASC
LIMIT 100
