WITH packets AS (
    SELECT
        CASE
            WHEN
                dstport IN (53, 80, 443)
                


                AND flow_direction = 'egress'
                


                THEN 'request'
            WHEN
                srcport IN (53, 80, 443)
                


                AND flow_direction = 'ingress'
                


                THEN 'reply'
        END AS leg,
        
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
            AND (bitwise_and(tcp_flags, 4) = 4)
            AND NOT (bitwise_and(tcp_flags, 2) = 2),
            FALSE
        ) AS is_reset,
        protocol <> 6 OR tcp_flags IS NULL OR (bitwise_and(tcp_flags, 2) = 2) AS is_opening,
        



        
        pkt_dst_aws_service AS aws_service,
        


        
        traffic_path,
        


        
        next_hop_interface_type,
        


        start_time,
        end_time
    FROM flows
    WHERE
        protocol IN (6, 17)
        AND (srcport IN (53, 80, 443) OR dstport IN (53, 80, 443))
        


),
legs AS (
    SELECT
        leg,
        CASE WHEN leg = 'request' THEN source ELSE target END AS client,
        CASE WHEN leg = 'request' THEN srcport ELSE dstport END AS client_port,
        CASE WHEN leg = 'request' THEN target ELSE source END AS server,
        CASE WHEN leg = 'request' THEN dstport ELSE srcport END AS server_port,
        protocol,
        interface_id,
        action,
        bytes,
        is_reset,
        is_opening,
        CASE WHEN leg = 'request' THEN aws_service END AS aws_service,
        CASE WHEN leg = 'request' THEN traffic_path END AS traffic_path,
        CASE WHEN leg = 'request' THEN next_hop_interface_type END AS next_hop,
        start_time,
        end_time
    FROM packets
    WHERE leg IS NOT NULL
),
observations AS (
    SELECT
        client,
        client_port,
        server,
        server_port,
        protocol,
        interface_id,
        COUNT_IF(leg = 'request' AND action = 'REJECT' AND is_opening) > 0
        AND COUNT_IF(leg = 'request' AND action = 'ACCEPT') = 0 AS is_request_rejected,
        COUNT_IF(leg = 'reply' AND action = 'REJECT') > 0
        AND COUNT_IF(leg = 'reply' AND action = 'ACCEPT') = 0 AS is_reply_rejected,
        COUNT_IF(leg = 'request' AND is_opening) AS openings,
        COUNT_IF(leg = 'reply' AND action = 'ACCEPT' AND NOT is_reset) AS answers,
        COUNT_IF(leg = 'reply' AND is_reset) AS resets,
        SUM(CASE WHEN leg = 'reply' AND action = 'ACCEPT' THEN bytes ELSE 0 END) AS bytes_received,
        MAX(aws_service) AS aws_service,
        MAX(traffic_path) AS traffic_path,
        MAX(next_hop) AS next_hop,
        MIN(start_time) AS first_seen,
        MAX(end_time) AS last_seen
    FROM legs
    GROUP BY client, client_port, server, server_port, protocol, interface_id
),
attempts AS (
    SELECT
        client,
        server,
        server_port,
        protocol,
        CASE
            WHEN BOOL_OR(is_request_rejected) THEN 'rejected'
            WHEN SUM(openings) > 0 AND BOOL_OR(is_reply_rejected) THEN 'reply rejected'
            WHEN SUM(answers) > 0 THEN 'answered'
            WHEN SUM(resets) > 0 THEN 'refused'
            ELSE 'no answer'
        END AS fate,
        MAX(bytes_received) AS bytes_received,
        MAX(aws_service) AS aws_service,
        MAX(traffic_path) AS traffic_path,
        MAX(next_hop) AS next_hop,
        MIN(first_seen) AS first_seen,
        MAX(last_seen) AS last_seen
    FROM observations
    GROUP BY client, client_port, server, server_port, protocol
    HAVING SUM(openings) > 0 OR SUM(answers) > 0
),
destinations AS (
    SELECT
        client,
        server,
        server_port,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        
        CASE WHEN protocol = 6 THEN 'tcp-flags' ELSE 'packets only' END AS basis,
        


        COUNT(*) AS attempts,
        COUNT_IF(fate = 'answered') AS answered,
        COUNT_IF(fate = 'rejected') AS rejected,
        COUNT_IF(fate = 'reply rejected') AS reply_rejected,
        COUNT_IF(fate = 'refused') AS refused,
        SUM(bytes_received) AS bytes_received,
        MAX(aws_service) AS aws_service,
        MAX(traffic_path) AS traffic_path,
        MAX(next_hop) AS next_hop,
        MIN(first_seen) AS first_seen,
        MAX(last_seen) AS last_seen
    FROM attempts
    GROUP BY client, server, server_port, protocol
)
SELECT
    client AS srcaddr,
    server AS dstaddr,
    server_port AS dstport,
    protocol_name AS protocol,
    CASE
        WHEN answered = attempts THEN 'answered'
        WHEN answered > 0 THEN 'sometimes answered'
        WHEN rejected > 0 THEN 'rejected'
        WHEN reply_rejected > 0 THEN 'reply rejected'
        WHEN refused > 0 THEN 'refused'
        ELSE 'no answer'
    END AS outcome,
    attempts,
    answered,
    rejected + reply_rejected AS rejected,
    attempts - answered - rejected - reply_rejected AS unanswered,
    bytes_received,
    aws_service,
    CASE traffic_path
        WHEN 1 THEN 'inside the VPC'
        WHEN 2 THEN 'internet gateway or gateway endpoint'
        WHEN 3 THEN 'virtual private gateway'
        WHEN 4 THEN 'VPC peering'
        WHEN 5 THEN 'VPC peering between regions'
        WHEN 6 THEN 'local gateway, Local Zone or Wavelength Zone'
        WHEN 7 THEN 'gateway endpoint'
        WHEN 8 THEN 'internet gateway'
    END AS path,
    next_hop,
    first_seen,
    last_seen,
    basis
FROM destinations
ORDER BY
    CASE WHEN answered = 0 THEN 0 WHEN answered < attempts THEN 1 ELSE 2 END ASC,
    attempts DESC,
    srcaddr ASC,
    dstaddr ASC,
    dstport ASC,
    protocol ASC
LIMIT 100
