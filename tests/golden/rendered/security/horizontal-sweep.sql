WITH probes AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        packets,
        action,
        start_time,
        end_time,
        
        CASE WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN 'reply' WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN 'request' END AS flagged,
        


        CASE
            WHEN dstport < 1024 AND srcport >= 1024 THEN 'request'
            WHEN dstport < 32768 AND srcport >= 32768 THEN 'request'
            ELSE 'unknown'
        END AS guessed
    FROM flows
    WHERE
        protocol IN (6, 17)
        


        


)
SELECT
    srcaddr,
    protocol_name AS protocol,
    dstport AS port,
    COUNT(DISTINCT dstaddr) AS hosts,
    COUNT(DISTINCT CASE WHEN action = 'REJECT' THEN dstaddr END) AS rejected_hosts,
    AVG(CAST(packets AS DOUBLE)) AS packets_per_flow,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    CASE WHEN COUNT(flagged) > 0 THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM probes
WHERE COALESCE(flagged, guessed) = 'request'
GROUP BY srcaddr, protocol_name, dstport
HAVING COUNT(DISTINCT dstaddr) >= 20
ORDER BY hosts DESC, srcaddr ASC, protocol ASC, port ASC
LIMIT 100
