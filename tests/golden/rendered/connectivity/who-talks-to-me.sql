WITH packets AS (
    SELECT
        COALESCE(
            '10.0.0.5' IN (srcaddr, pkt_srcaddr),
            FALSE
        ) AS is_outgoing,
        
        COALESCE(pkt_srcaddr, srcaddr) AS source,
        COALESCE(pkt_dstaddr, dstaddr) AS target,
        



        srcport,
        dstport,
        protocol,
        interface_id,
        action,
        bytes,
        
        COALESCE(
            protocol = 6
            AND (bitwise_and(tcp_flags, 2) = 2)
            AND NOT (bitwise_and(tcp_flags, 18) = 18),
            FALSE
        ) AS is_opening,
        


        start_time,
        end_time
    FROM flows
    WHERE '10.0.0.5' IN (srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr)
),
observations AS (
    SELECT
        interface_id,
        protocol,
        CASE WHEN is_outgoing THEN target ELSE source END AS peer,
        CASE WHEN is_outgoing THEN dstport ELSE srcport END AS peer_port,
        CASE WHEN is_outgoing THEN srcport ELSE dstport END AS host_port,
        COUNT_IF(is_opening AND NOT is_outgoing) AS peer_openings,
        COUNT_IF(is_opening AND is_outgoing) AS host_openings,
        SUM(CASE WHEN NOT is_outgoing THEN bytes ELSE 0 END) AS bytes_in,
        SUM(CASE WHEN is_outgoing THEN bytes ELSE 0 END) AS bytes_out,
        (
            COUNT_IF(is_outgoing AND action = 'REJECT') > 0
            AND COUNT_IF(is_outgoing AND action = 'ACCEPT') = 0
        )
        OR (
            COUNT_IF(NOT is_outgoing AND action = 'REJECT') > 0
            AND COUNT_IF(NOT is_outgoing AND action = 'ACCEPT') = 0
        ) AS is_refused,
        MIN(start_time) AS first_seen,
        MAX(end_time) AS last_seen
    FROM packets
    GROUP BY
        interface_id,
        protocol,
        CASE WHEN is_outgoing THEN target ELSE source END,
        CASE WHEN is_outgoing THEN dstport ELSE srcport END,
        CASE WHEN is_outgoing THEN srcport ELSE dstport END
),
conversations AS (
    SELECT
        protocol,
        peer,
        peer_port,
        host_port,
        CASE
            WHEN SUM(peer_openings) > 0 AND SUM(host_openings) = 0 THEN 'inbound'
            WHEN SUM(host_openings) > 0 AND SUM(peer_openings) = 0 THEN 'outbound'
            WHEN host_port < peer_port THEN 'inbound'
            WHEN host_port > peer_port THEN 'outbound'
            ELSE 'unknown'
        END AS direction,
        SUM(peer_openings) + SUM(host_openings) > 0 AS is_opening_seen,
        MAX(bytes_in) AS bytes_in,
        MAX(bytes_out) AS bytes_out,
        BOOL_OR(is_refused) AS is_refused,
        MIN(first_seen) AS first_seen,
        MAX(last_seen) AS last_seen
    FROM observations
    GROUP BY protocol, peer, peer_port, host_port
),
services AS (
    SELECT
        peer,
        direction,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        CASE WHEN direction = 'outbound' THEN peer_port ELSE host_port END AS service_port,
        bytes_in,
        bytes_out,
        is_refused,
        is_opening_seen,
        first_seen,
        last_seen
    FROM conversations
)
SELECT
    peer,
    direction,
    protocol_name AS protocol,
    service_port AS port,
    COUNT(*) AS conversations,
    COUNT_IF(is_refused) AS refused,
    SUM(bytes_in) AS bytes_in,
    SUM(bytes_out) AS bytes_out,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    CASE WHEN BOOL_AND(is_opening_seen) THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM services
GROUP BY peer, direction, protocol_name, service_port
ORDER BY conversations DESC, peer ASC, direction ASC, protocol ASC, port ASC
LIMIT 100
