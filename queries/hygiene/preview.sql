/* ---
title: Preview
description: >
  The newest records of the window, decoded: protocol, service and TCP flags by name, times in
  UTC. NODATA and SKIPDATA records are shown too; they hold no traffic. The service is that of the
  destination port, or of the source port for what looks like a reply (from below 32768 to 32768
  or above), or its number where it has no registered name. flags is empty where the flow logs
  lack tcp-flags, `none` where a record holds none of SYN, FIN and RST. The same packets may
  appear twice, once for each end.
params:
  n:     {type: int, default: 20, min: 0, help: How many records to show.}
columns:
  start_time: timestamp
  end_time: timestamp
  interface_id: string
  flow_direction: string
  srcaddr: string
  srcport: int
  dstaddr: string
  dstport: int
  protocol: string
  service: string
  flags: string
  packets: int
  bytes: int
  action: string
  log_status: string
tags: [hygiene, preview, raw]
--- */
WITH lines AS (
    SELECT
        start_time,
        end_time,
        interface_id,
        {% if has('flow_direction') %}
        flow_direction,
        {% else %}
        CAST(NULL AS VARCHAR) AS flow_direction,
        {% endif %}
        srcaddr,
        srcport,
        dstaddr,
        dstport,
        protocol,
        CASE
            WHEN protocol NOT IN (6, 17) THEN NULL
            WHEN srcport < 32768 AND dstport >= 32768 THEN srcport
            ELSE dstport
        END AS service_port,
        {% if has('tcp_flags') %}
        CASE WHEN protocol = 6 THEN tcp_flags END AS flag_bits,
        {% endif %}
        packets,
        bytes,
        action,
        log_status
    FROM {{ records }}
)
SELECT
    start_time,
    end_time,
    interface_id,
    flow_direction,
    srcaddr,
    srcport,
    dstaddr,
    dstport,
    {{ protocol_name(protocol) }} AS protocol,
    {{ service_name('service_port') }} AS service,
    {% if has('tcp_flags') %}
    CASE
        WHEN flag_bits IS NULL THEN NULL
        WHEN flag_bits = 0 THEN 'none'
        ELSE TRIM(
            CASE
                WHEN {{ has_flag('flag_bits', 'SYN-ACK') }} THEN 'SYN-ACK '
                WHEN {{ has_flag('flag_bits', 'SYN') }} THEN 'SYN '
                ELSE ''
            END
            || CASE WHEN {{ has_flag('flag_bits', 'FIN') }} THEN 'FIN ' ELSE '' END
            || CASE WHEN {{ has_flag('flag_bits', 'RST') }} THEN 'RST' ELSE '' END
        )
    END AS flags,
    {% else %}
    CAST(NULL AS VARCHAR) AS flags,
    {% endif %}
    packets,
    bytes,
    action,
    log_status
FROM lines
ORDER BY
    end_time DESC,
    start_time DESC,
    interface_id ASC,
    srcaddr ASC,
    srcport ASC,
    dstaddr ASC,
    dstport ASC,
    protocol ASC,
    flow_direction ASC,
    action ASC,
    packets ASC,
    bytes ASC,
    flags ASC,
    log_status ASC
LIMIT {{ n }}
