WITH departures AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        action,
        start_time,
        end_time,
        "start" AS started,
        LAG("end") OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol, srcport
            ORDER BY "start" ASC, "end" ASC
        ) AS previous_end,
        SUM(bytes) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
        ) AS pair_bytes
    FROM flows
    WHERE
        (NOT (contains('10.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('172.16.0.0/12', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('192.168.0.0/16', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('100.64.0.0/10', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('169.254.0.0/16', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('127.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('fc00::/7', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('fe80::/10', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('::1/128', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('0.0.0.0/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('224.0.0.0/3', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('ff00::/8', TRY_CAST(dstaddr AS IPADDRESS)) OR contains('::/128', TRY_CAST(dstaddr AS IPADDRESS))))
        
        AND flow_direction = 'egress'
        
        


),
moments AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        started,
        started - LAG(started) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
            ORDER BY started ASC
        ) AS since_previous,
        MIN(CASE WHEN action = 'REJECT' THEN 1 ELSE 0 END) AS refused,
        MAX(pair_bytes) AS pair_bytes,
        MIN(start_time) AS start_time,
        MAX(end_time) AS end_time
    FROM departures
    WHERE previous_end IS NULL OR started - previous_end > 60
    GROUP BY srcaddr, dstaddr, dstport, protocol, interface_id, started
),
contacts AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        started - LAG(started) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
            ORDER BY started ASC
        ) AS gap,
        refused,
        pair_bytes,
        start_time,
        end_time
    FROM moments
    WHERE since_previous IS NULL OR since_previous >= 10
),
ranked AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        gap,
        ROW_NUMBER() OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
            ORDER BY gap ASC NULLS LAST
        ) AS place,
        COUNT(gap) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
        ) AS gaps,
        refused,
        pair_bytes,
        start_time,
        end_time
    FROM contacts
),
compared AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        interface_id,
        gap,
        MAX(CASE WHEN place = (gaps + 1) / 2 THEN gap END) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
        ) AS middle_gap,
        refused,
        pair_bytes,
        start_time,
        end_time
    FROM ranked
)
SELECT
    srcaddr,
    dstaddr,
    protocol_name AS protocol,
    dstport AS port,
    interface_id,
    COUNT(*) AS contacts,
    SUM(refused) AS rejected,
    MAX(middle_gap) AS period_seconds,
    CAST(COUNT_IF(ABS(gap - middle_gap) <= 0.1E0 * middle_gap + 1) AS DOUBLE)
    / NULLIF(COUNT(gap), 0) AS regular_share,
    MAX(pair_bytes) AS bytes,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen
FROM compared
GROUP BY srcaddr, dstaddr, protocol_name, dstport, interface_id
HAVING
    COUNT(*) >= 10
    AND CAST(COUNT_IF(ABS(gap - middle_gap) <= 0.1E0 * middle_gap + 1) AS DOUBLE)
    >= 0.8E0 * COUNT(gap)
ORDER BY
    regular_share DESC,
    contacts DESC,
    srcaddr ASC,
    dstaddr ASC,
    protocol ASC,
    port ASC,
    interface_id ASC
LIMIT 100
