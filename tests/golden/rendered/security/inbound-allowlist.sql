WITH arrivals AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        interface_id,
        bytes,
        start_time,
        end_time,
        
        CASE WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN 'reply' WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN 'request' END AS flagged,
        


        CASE
            WHEN protocol NOT IN (6, 17) THEN 'none'
            WHEN srcport < 1024 AND dstport >= 1024 THEN 'reply'
            WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply'
            ELSE 'request'
        END AS guessed
    FROM flows
    WHERE
        action = 'ACCEPT'
        
        AND flow_direction = 'ingress'
        


        



        


        AND NOT (contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS)) OR contains('2001:db8::/32', TRY_CAST(srcaddr AS IPADDRESS)))
),
interfaces AS (
    SELECT
        srcaddr,
        dstaddr,
        protocol_name,
        dstport,
        interface_id,
        COUNT(*) AS flow_count,
        SUM(bytes) AS byte_count,
        MIN(start_time) AS first_start,
        MAX(end_time) AS last_end,
        COUNT(flagged) AS flagged_count,
        COUNT_IF(guessed = 'none') AS portless_count
    FROM arrivals
    WHERE COALESCE(flagged, guessed) <> 'reply'
    GROUP BY srcaddr, dstaddr, protocol_name, dstport, interface_id
)
SELECT
    srcaddr,
    dstaddr,
    protocol_name AS protocol,
    dstport AS port,
    MAX(flow_count) AS flows,
    MAX(byte_count) AS bytes,
    MIN(first_start) AS first_seen,
    MAX(last_end) AS last_seen,
    CASE
        WHEN SUM(flagged_count) > 0 THEN 'tcp-flags'
        WHEN SUM(portless_count) > 0 THEN 'none'
        ELSE 'ports'
    END AS basis
FROM interfaces
GROUP BY srcaddr, dstaddr, protocol_name, dstport
ORDER BY flows DESC, srcaddr ASC, dstaddr ASC, protocol ASC, port ASC
LIMIT 100
