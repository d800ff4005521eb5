-- {{ has_flag(tcp_flags, 'SYN') }}
(bitwise_and(tcp_flags, 2) = 2)

-- NOT {{ has_flag('f.tcp_flags', 'syn-ack') }}
NOT (bitwise_and(f.tcp_flags, 18) = 18)
