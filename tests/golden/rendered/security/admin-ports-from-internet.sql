WITH packets_seen AS (
    SELECT
        srcaddr,
        dstaddr,
        srcport,
        dstport,
        protocol,
        interface_id,
        bytes,
        start_time,
        end_time,
        
        flow_direction = 'ingress' AS inbound,
        


        
        CASE WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN 'reply' WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN 'request' END AS flagged,
        


        CASE WHEN srcport < 1024 AND dstport >= 1024 THEN 'reply' WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply' WHEN dstport < 1024 AND srcport >= 1024 THEN 'request' WHEN dstport < 32768 AND srcport >= 32768 THEN 'request' ELSE 'unknown' END AS guessed
    FROM flows
    WHERE
        action = 'ACCEPT'
        AND protocol IN (6, 17)
        AND (dstport IN (22, 23, 3389, 5900, 5985, 5986) OR srcport IN (22, 23, 3389, 5900, 5985, 5986))
),
exchanges AS (
    SELECT
        CASE WHEN inbound THEN srcaddr ELSE dstaddr END AS client,
        CASE WHEN inbound THEN dstaddr ELSE srcaddr END AS host,
        CASE WHEN inbound THEN dstport ELSE srcport END AS service_port,
        CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol_name,
        interface_id,
        inbound,
        flagged,
        COALESCE(flagged, guessed) AS kind,
        bytes,
        start_time,
        end_time
    FROM packets_seen
)
SELECT
    client AS srcaddr,
    host AS dstaddr,
    service_port AS port,
    protocol_name AS protocol,
    interface_id,
    COUNT_IF(inbound) AS flows,
    SUM(CASE WHEN inbound THEN bytes ELSE 0 END) AS bytes_in,
    SUM(CASE WHEN inbound THEN 0 ELSE bytes END) AS bytes_out,
    MIN(CASE WHEN inbound THEN start_time END) AS first_seen,
    MAX(CASE WHEN inbound THEN end_time END) AS last_seen,
    CASE WHEN COUNT(flagged) > 0 THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM exchanges
WHERE
    service_port IN (22, 23, 3389, 5900, 5985, 5986)
    AND kind <> CASE WHEN inbound THEN 'reply' ELSE 'request' END
    AND (NOT (contains('10.0.0.0/8', TRY_CAST(client AS IPADDRESS)) OR contains('172.16.0.0/12', TRY_CAST(client AS IPADDRESS)) OR contains('192.168.0.0/16', TRY_CAST(client AS IPADDRESS)) OR contains('100.64.0.0/10', TRY_CAST(client AS IPADDRESS)) OR contains('169.254.0.0/16', TRY_CAST(client AS IPADDRESS)) OR contains('127.0.0.0/8', TRY_CAST(client AS IPADDRESS)) OR contains('fc00::/7', TRY_CAST(client AS IPADDRESS)) OR contains('fe80::/10', TRY_CAST(client AS IPADDRESS)) OR contains('::1/128', TRY_CAST(client AS IPADDRESS)) OR contains('0.0.0.0/8', TRY_CAST(client AS IPADDRESS)) OR contains('224.0.0.0/3', TRY_CAST(client AS IPADDRESS)) OR contains('ff00::/8', TRY_CAST(client AS IPADDRESS)) OR contains('::/128', TRY_CAST(client AS IPADDRESS))))
    


GROUP BY client, host, service_port, protocol_name, interface_id
HAVING COUNT_IF(inbound) > 0
ORDER BY
    bytes_out DESC,
    flows DESC,
    srcaddr ASC,
    dstaddr ASC,
    port ASC,
    protocol ASC,
    interface_id ASC
LIMIT 100
