/* ---
title: Admin ports from the internet
description: >
  Who on the internet was let through to remote administration (SSH, Telnet, RDP, VNC, WinRM), and
  at which hosts. ACCEPT says only that security groups and network ACLs let the packets pass:
  bytes_out shows whether the host sent anything back (a refusal counts too). Each row is one
  interface of the host, so bytes count once; a load balancer and its target are two rows. Answers
  to the host's own connections are left out by tcp-flags (basis `tcp-flags`) or, where no SYN was
  recorded, by their ports (basis `ports`). IPv6 addresses are public, your own too, so name your
  networks in `own`; without flow-direction, connections of your hosts to the internet over IPv6
  look the same.
params:
  ports: {type: ports, default: "22,23,3389,5900,5985,5986", help: Ports of the host.}
  own:   {type: cidrs, optional: true, help: Your own public and IPv6 networks; not internet.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  dstaddr: string
  port: int
  protocol: string
  interface_id: string
  flows: int
  bytes_in: int
  bytes_out: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [ssh, rdp, winrm, internet, exposure, T1133, T1021]
--- */
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
        {% if has('flow_direction') %}
        flow_direction = 'ingress' AS inbound,
        {% else %}
        dstport IN {{ ports }} AND {{ is_public(srcaddr) }} AS inbound,
        {% endif %}
        {% if has('tcp_flags') %}
        {{ kind_by_flags(protocol, tcp_flags) }} AS flagged,
        {% else %}
        CAST(NULL AS VARCHAR) AS flagged,
        {% endif %}
        {{ kind_by_ports(srcport, dstport) }} AS guessed
    FROM {{ flows }}
    WHERE
        action = 'ACCEPT'
        AND protocol IN (6, 17)
        AND (dstport IN {{ ports }} OR srcport IN {{ ports }})
),
exchanges AS (
    SELECT
        CASE WHEN inbound THEN srcaddr ELSE dstaddr END AS client,
        CASE WHEN inbound THEN dstaddr ELSE srcaddr END AS host,
        CASE WHEN inbound THEN dstport ELSE srcport END AS service_port,
        {{ protocol_name(protocol) }} AS protocol_name,
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
    service_port IN {{ ports }}
    AND kind <> CASE WHEN inbound THEN 'reply' ELSE 'request' END
    AND {{ is_public('client') }}
    {% if own %}
    AND NOT {{ in_any('client', own) }}
    {% endif %}
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
LIMIT {{ limit }}
