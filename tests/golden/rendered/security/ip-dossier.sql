WITH mentions AS (
    SELECT
        COALESCE(
            srcaddr = '10.0.0.5' OR pkt_srcaddr = '10.0.0.5',
            FALSE
        ) AS sends,
        
        COALESCE(pkt_srcaddr, srcaddr) AS sender,
        


        
        COALESCE(pkt_dstaddr, dstaddr) AS receiver,
        


        srcport,
        dstport,
        protocol,
        interface_id,
        action,
        COALESCE(bytes, 0) AS bytes,
        start_time,
        end_time,
        from_unixtime("start" / 3600 * 3600) AS hour_seen,
        
        CASE WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN 'reply' WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN 'request' END AS flagged,
        


        CASE
            WHEN protocol IN (6, 17) THEN CASE WHEN srcport < 1024 AND dstport >= 1024 THEN 'reply' WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply' WHEN dstport < 1024 AND srcport >= 1024 THEN 'request' WHEN dstport < 32768 AND srcport >= 32768 THEN 'request' ELSE 'unknown' END
            ELSE 'unknown'
        END AS guessed
    FROM flows
    WHERE
        '10.0.0.5' IN (srcaddr, dstaddr)
        
        OR pkt_srcaddr = '10.0.0.5'
        
        
        OR pkt_dstaddr = '10.0.0.5'
        
),
exchanges AS (
    SELECT
        CASE
            WHEN COALESCE(flagged, guessed) = 'unknown' THEN 'unknown'
            WHEN (COALESCE(flagged, guessed) = 'request') = sends THEN 'client'
            ELSE 'server'
        END AS role,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        CASE COALESCE(flagged, guessed) WHEN 'reply' THEN srcport ELSE dstport END AS service_port,
        CASE WHEN sends THEN receiver ELSE sender END AS other_end,
        interface_id,
        hour_seen,
        sends,
        action,
        bytes,
        start_time,
        end_time,
        flagged
    FROM mentions
),
interfaces AS (
    SELECT
        role,
        protocol_name,
        service_port,
        other_end,
        interface_id,
        hour_seen,
        COUNT_IF(action = 'ACCEPT') AS accepted_count,
        COUNT_IF(action = 'REJECT') AS rejected_count,
        SUM(CASE WHEN sends THEN 0 ELSE bytes END) AS received,
        SUM(CASE WHEN sends THEN bytes ELSE 0 END) AS sent,
        MIN(start_time) AS first_start,
        MAX(end_time) AS last_end,
        COUNT(flagged) AS flagged_count
    FROM exchanges
    GROUP BY role, protocol_name, service_port, other_end, interface_id, hour_seen
),
conversations AS (
    SELECT
        role,
        protocol_name,
        service_port,
        other_end,
        other_end AS counted_end,
        hour_seen,
        MAX(accepted_count) AS accepted_count,
        MAX(rejected_count) AS rejected_count,
        MAX(received) AS received,
        MAX(sent) AS sent,
        MIN(first_start) AS first_start,
        MAX(last_end) AS last_end,
        MAX(flagged_count) AS flagged_count
    FROM interfaces
    GROUP BY role, protocol_name, service_port, other_end, hour_seen
),
parts AS (
    SELECT
        CASE
            WHEN GROUPING(other_end) = 0 THEN 'peer'
            WHEN GROUPING(role) = 0 THEN 'service'
            ELSE 'total'
        END AS part,
        role,
        protocol_name,
        service_port,
        other_end,
        COUNT(DISTINCT counted_end) AS peer_count,
        SUM(accepted_count) AS accepted_count,
        SUM(rejected_count) AS rejected_count,
        SUM(received) AS received,
        SUM(sent) AS sent,
        MIN(first_start) AS first_start,
        MAX(last_end) AS last_end,
        COUNT(DISTINCT hour_seen) AS hours_active,
        SUM(flagged_count) AS flagged_count
    FROM conversations
    GROUP BY GROUPING SETS ((), (role, protocol_name, service_port), (other_end))
    HAVING COUNT(*) > 0
),
ranked AS (
    SELECT
        part,
        role,
        protocol_name,
        service_port,
        other_end,
        peer_count,
        accepted_count,
        rejected_count,
        received,
        sent,
        first_start,
        last_end,
        hours_active,
        flagged_count,
        ROW_NUMBER() OVER (
            PARTITION BY part
            ORDER BY
                received + sent DESC,
                rejected_count DESC,
                role ASC,
                protocol_name ASC,
                service_port ASC,
                other_end ASC
        ) AS place
    FROM parts
)
SELECT
    part,
    role,
    protocol_name AS protocol,
    service_port AS port,
    other_end AS peer,
    peer_count AS peers,
    accepted_count AS accepted,
    rejected_count AS rejected,
    received AS bytes_in,
    sent AS bytes_out,
    first_start AS first_seen,
    last_end AS last_seen,
    hours_active AS hours,
    CASE WHEN flagged_count > 0 THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM ranked
WHERE place <= 20
ORDER BY
    CASE part WHEN 'total' THEN 1 WHEN 'service' THEN 2 ELSE 3 END ASC,
    place ASC
