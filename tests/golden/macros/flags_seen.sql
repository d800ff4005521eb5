-- {{ flags_seen(tcp_flags) }}
CASE WHEN COUNT(tcp_flags) = 0 THEN NULL WHEN MAX(tcp_flags) = 0 THEN 'none' ELSE TRIM(CASE WHEN BOOL_OR((bitwise_and(tcp_flags, 18) = 18)) THEN 'SYN-ACK ' WHEN BOOL_OR((bitwise_and(tcp_flags, 2) = 2)) THEN 'SYN ' ELSE '' END || CASE WHEN BOOL_OR((bitwise_and(tcp_flags, 1) = 1)) THEN 'FIN ' ELSE '' END || CASE WHEN BOOL_OR((bitwise_and(tcp_flags, 4) = 4)) THEN 'RST ' ELSE '' END) END

-- {{ flags_seen('flag_bits') }}
CASE WHEN COUNT(flag_bits) = 0 THEN NULL WHEN MAX(flag_bits) = 0 THEN 'none' ELSE TRIM(CASE WHEN BOOL_OR((bitwise_and(flag_bits, 18) = 18)) THEN 'SYN-ACK ' WHEN BOOL_OR((bitwise_and(flag_bits, 2) = 2)) THEN 'SYN ' ELSE '' END || CASE WHEN BOOL_OR((bitwise_and(flag_bits, 1) = 1)) THEN 'FIN ' ELSE '' END || CASE WHEN BOOL_OR((bitwise_and(flag_bits, 4) = 4)) THEN 'RST ' ELSE '' END) END
