-- {% if has('tcp_flags') %}present{% endif %}
present

-- {% if has('tcp-flags') %}present{% endif %}
present

-- {% if has(tcp_flags) %}present{% endif %}
present

-- {% if has('start_time') %}present{% endif %}
present

-- {% if has(start) %}present{% endif %}
present

-- {% if has('vpc_id') %}present{% else %}absent{% endif %}
absent
