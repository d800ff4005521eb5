WITH ends AS (
    SELECT
        interface_id,
        protocol,
        srcaddr < dstaddr AS is_first,
        CASE WHEN srcaddr < dstaddr THEN srcaddr ELSE dstaddr END AS first_addr,
        CASE WHEN srcaddr < dstaddr THEN srcport ELSE dstport END AS first_port,
        CASE WHEN srcaddr < dstaddr THEN dstaddr ELSE srcaddr END AS second_addr,
        CASE WHEN srcaddr < dstaddr THEN dstport ELSE srcport END AS second_port,
        action,
        
        CASE
            WHEN protocol <> 6 THEN TRUE
            ELSE (bitwise_and(tcp_flags, 2) = 2) AND NOT (bitwise_and(tcp_flags, 18) = 18)
        END AS is_opening,
        


        
        flow_direction,
        


        packets,
        start_time,
        end_time
    FROM flows
    


),
verdicts AS (
    SELECT
        interface_id,
        protocol,
        first_addr,
        first_port,
        second_addr,
        second_port,
        COUNT_IF(is_first AND action = 'ACCEPT') AS first_accepted,
        COUNT_IF(is_first AND action = 'ACCEPT' AND is_opening) AS first_opened,
        COUNT_IF(is_first AND action = 'REJECT') AS first_rejected,
        COUNT_IF(NOT is_first AND action = 'ACCEPT') AS second_accepted,
        COUNT_IF(NOT is_first AND action = 'ACCEPT' AND is_opening) AS second_opened,
        COUNT_IF(NOT is_first AND action = 'REJECT') AS second_rejected,
        MAX(CASE WHEN action = 'REJECT' THEN flow_direction END) AS flow_direction,
        SUM(CASE WHEN action = 'REJECT' THEN packets END) AS rejected_packets,
        MIN(CASE WHEN action = 'REJECT' THEN start_time END) AS first_seen,
        MAX(CASE WHEN action = 'REJECT' THEN end_time END) AS last_seen
    FROM ends
    GROUP BY interface_id, protocol, first_addr, first_port, second_addr, second_port
),
asymmetries AS (
    SELECT
        CASE WHEN first_opened > 0 THEN first_addr ELSE second_addr END AS client,
        CASE WHEN first_opened > 0 THEN second_addr ELSE first_addr END AS server,
        CASE WHEN first_opened > 0 THEN second_port ELSE first_port END AS server_port,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        
        CASE WHEN protocol = 6 THEN 'tcp-flags' ELSE 'packets only' END AS basis,
        


        interface_id,
        flow_direction,
        rejected_packets,
        first_seen,
        last_seen
    FROM verdicts
    WHERE
        (first_opened > 0 AND second_rejected > 0 AND second_accepted = 0)
        OR (second_opened > 0 AND first_rejected > 0 AND first_accepted = 0)
)
SELECT
    client,
    server,
    protocol_name AS protocol,
    server_port AS port,
    interface_id,
    flow_direction,
    COUNT(*) AS conversations,
    SUM(rejected_packets) AS rejected_packets,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    basis
FROM asymmetries
GROUP BY client, server, protocol_name, server_port, interface_id, flow_direction, basis
ORDER BY
    conversations DESC,
    client ASC,
    server ASC,
    protocol ASC,
    port ASC,
    interface_id ASC,
    flow_direction ASC,
    basis ASC
LIMIT 100
