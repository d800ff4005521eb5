/* ---
title: SYN without an answer
description: >
  Where connections are let through and nobody answers: a SYN was accepted wherever it was
  recorded and nothing came back (unanswered: service or host down, host firewall, a route
  missing) or only a reset (refused: nothing listens on the port). arrived says how many of the
  unanswered reached the server's own interface (empty where the flow logs lack flow-direction);
  the others got lost before it, or the server has no flow log. A connection is counted once,
  however often its SYN is sent again and at however many interfaces it is recorded. A SYN-ACK
  that is then rejected counts as an answer: see nacl-asymmetry. A SYN at the very end of the
  window may be answered after it.
params:
  dst:   {type: ip, optional: true, help: Only connections to this server.}
  port:  {type: port, optional: true, help: Only connections to this port.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  dstaddr: string
  dstport: int
  unanswered: int
  arrived: int
  refused: int
  answered: int
  clients: int
  first_seen: timestamp
  last_seen: timestamp
tags: [tcp, syn, silence, service-down]
--- */
WITH packets AS (
    SELECT
        {% if has('pkt_srcaddr') and has('pkt_dstaddr') %}
        COALESCE(pkt_srcaddr, srcaddr) AS source,
        COALESCE(pkt_dstaddr, dstaddr) AS target,
        {% else %}
        srcaddr AS source,
        dstaddr AS target,
        {% endif %}
        srcport,
        dstport,
        CASE
            WHEN {{ has_flag(tcp_flags, 'SYN-ACK') }} THEN 'answer'
            WHEN {{ has_flag(tcp_flags, 'SYN') }} AND action = 'REJECT' THEN 'rejected call'
            WHEN {{ has_flag(tcp_flags, 'SYN') }} THEN 'call'
            WHEN {{ has_flag(tcp_flags, 'RST') }} THEN 'reset'
            ELSE 'answer'
        END AS part,
        {% if has('flow_direction') %}
        flow_direction = 'ingress' AS is_arrival,
        {% else %}
        CAST(NULL AS BOOLEAN) AS is_arrival,
        {% endif %}
        start_time,
        end_time
    FROM {{ flows }}
    WHERE
        protocol = 6
        {% if port %}
        AND {{ port }} IN (srcport, dstport)
        {% endif %}
),
ends AS (
    SELECT
        source < target AS is_first,
        CASE WHEN source < target THEN source ELSE target END AS first_addr,
        CASE WHEN source < target THEN srcport ELSE dstport END AS first_port,
        CASE WHEN source < target THEN target ELSE source END AS second_addr,
        CASE WHEN source < target THEN dstport ELSE srcport END AS second_port,
        part,
        is_arrival,
        start_time,
        end_time
    FROM packets
    {% if dst %}
    WHERE {{ dst }} IN (source, target)
    {% endif %}
),
handshakes AS (
    SELECT
        first_addr,
        first_port,
        second_addr,
        second_port,
        COUNT_IF(part = 'call' AND is_first) > 0 AS is_first_calling,
        COUNT_IF(part = 'answer' AND is_first) AS first_answers,
        COUNT_IF(part = 'reset' AND is_first) AS first_resets,
        COUNT_IF(part = 'answer' AND NOT is_first) AS second_answers,
        COUNT_IF(part = 'reset' AND NOT is_first) AS second_resets,
        MAX(CASE WHEN part = 'call' THEN CAST(is_arrival AS INTEGER) END) AS arrivals,
        MIN(CASE WHEN part = 'call' THEN start_time END) AS first_seen,
        MAX(CASE WHEN part = 'call' THEN end_time END) AS last_seen
    FROM ends
    GROUP BY first_addr, first_port, second_addr, second_port
    HAVING COUNT_IF(part = 'call') > 0 AND COUNT_IF(part = 'rejected call') = 0
),
calls AS (
    SELECT
        CASE WHEN is_first_calling THEN first_addr ELSE second_addr END AS client,
        CASE WHEN is_first_calling THEN second_addr ELSE first_addr END AS server,
        CASE WHEN is_first_calling THEN second_port ELSE first_port END AS server_port,
        CASE WHEN is_first_calling THEN second_answers ELSE first_answers END AS answers,
        CASE WHEN is_first_calling THEN second_resets ELSE first_resets END AS resets,
        arrivals,
        first_seen,
        last_seen
    FROM handshakes
)
SELECT
    server AS dstaddr,
    server_port AS dstport,
    COUNT_IF(answers = 0 AND resets = 0) AS unanswered,
    CASE
        WHEN COUNT_IF(answers = 0 AND resets = 0) = 0 THEN 0
        ELSE SUM(CASE WHEN answers = 0 AND resets = 0 THEN arrivals END)
    END AS arrived,
    COUNT_IF(answers = 0 AND resets > 0) AS refused,
    COUNT_IF(answers > 0) AS answered,
    COUNT(DISTINCT CASE WHEN answers = 0 THEN client END) AS clients,
    MIN(CASE WHEN answers = 0 THEN first_seen END) AS first_seen,
    MAX(CASE WHEN answers = 0 THEN last_seen END) AS last_seen
FROM calls
{% if dst and port %}
WHERE server = {{ dst }} AND server_port = {{ port }}
{% elif dst %}
WHERE server = {{ dst }}
{% elif port %}
WHERE server_port = {{ port }}
{% endif %}
GROUP BY server, server_port
HAVING COUNT_IF(answers = 0) > 0
ORDER BY unanswered DESC, refused DESC, dstaddr ASC, dstport ASC
LIMIT {{ limit }}
