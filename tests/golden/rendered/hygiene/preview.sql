WITH lines AS (
    SELECT
        start_time,
        end_time,
        interface_id,
        
        flow_direction,
        


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
        
        CASE WHEN protocol = 6 THEN tcp_flags END AS flag_bits,
        
        packets,
        bytes,
        action,
        log_status
    FROM records
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
    CASE protocol WHEN 0 THEN 'hopopt' WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipv4' WHEN 6 THEN 'tcp' WHEN 8 THEN 'egp' WHEN 17 THEN 'udp' WHEN 27 THEN 'rdp' WHEN 33 THEN 'dccp' WHEN 41 THEN 'ipv6' WHEN 43 THEN 'ipv6-route' WHEN 44 THEN 'ipv6-frag' WHEN 46 THEN 'rsvp' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah' WHEN 58 THEN 'icmpv6' WHEN 59 THEN 'ipv6-nonxt' WHEN 60 THEN 'ipv6-opts' WHEN 88 THEN 'eigrp' WHEN 89 THEN 'ospf' WHEN 94 THEN 'ipip' WHEN 97 THEN 'etherip' WHEN 103 THEN 'pim' WHEN 108 THEN 'ipcomp' WHEN 112 THEN 'vrrp' WHEN 115 THEN 'l2tp' WHEN 132 THEN 'sctp' WHEN 136 THEN 'udplite' ELSE CAST(protocol AS VARCHAR) END AS protocol,
    CASE service_port WHEN 1 THEN 'tcpmux' WHEN 7 THEN 'echo' WHEN 9 THEN 'discard' WHEN 11 THEN 'systat' WHEN 13 THEN 'daytime' WHEN 15 THEN 'netstat' WHEN 17 THEN 'qotd' WHEN 19 THEN 'chargen' WHEN 20 THEN 'ftp-data' WHEN 21 THEN 'ftp' WHEN 22 THEN 'ssh' WHEN 23 THEN 'telnet' WHEN 25 THEN 'smtp' WHEN 37 THEN 'time' WHEN 43 THEN 'whois' WHEN 49 THEN 'tacacs' WHEN 53 THEN 'domain' WHEN 67 THEN 'bootps' WHEN 68 THEN 'bootpc' WHEN 69 THEN 'tftp' WHEN 70 THEN 'gopher' WHEN 79 THEN 'finger' WHEN 80 THEN 'http' WHEN 88 THEN 'kerberos' WHEN 102 THEN 'iso-tsap' WHEN 104 THEN 'acr-nema' WHEN 106 THEN 'poppassd' WHEN 110 THEN 'pop3' WHEN 111 THEN 'sunrpc' WHEN 113 THEN 'auth' WHEN 119 THEN 'nntp' WHEN 123 THEN 'ntp' WHEN 135 THEN 'epmap' WHEN 137 THEN 'netbios-ns' WHEN 138 THEN 'netbios-dgm' WHEN 139 THEN 'netbios-ssn' WHEN 143 THEN 'imap2' WHEN 161 THEN 'snmp' WHEN 162 THEN 'snmp-trap' WHEN 163 THEN 'cmip-man' WHEN 164 THEN 'cmip-agent' WHEN 174 THEN 'mailq' WHEN 177 THEN 'xdmcp' WHEN 179 THEN 'bgp' WHEN 199 THEN 'smux' WHEN 209 THEN 'qmtp' WHEN 210 THEN 'z3950' WHEN 213 THEN 'ipx' WHEN 319 THEN 'ptp-event' WHEN 320 THEN 'ptp-general' WHEN 345 THEN 'pawserv' WHEN 346 THEN 'zserv' WHEN 369 THEN 'rpc2portmap' WHEN 370 THEN 'codaauth2' WHEN 371 THEN 'clearcase' WHEN 389 THEN 'ldap' WHEN 427 THEN 'svrloc' WHEN 443 THEN 'https' WHEN 444 THEN 'snpp' WHEN 445 THEN 'microsoft-ds' WHEN 464 THEN 'kpasswd' WHEN 465 THEN 'submissions' WHEN 487 THEN 'saft' WHEN 500 THEN 'isakmp' WHEN 512 THEN 'exec' WHEN 513 THEN 'login' WHEN 514 THEN 'shell' WHEN 515 THEN 'printer' WHEN 517 THEN 'talk' WHEN 518 THEN 'ntalk' WHEN 520 THEN 'route' WHEN 538 THEN 'gdomap' WHEN 540 THEN 'uucp' WHEN 543 THEN 'klogin' WHEN 544 THEN 'kshell' WHEN 546 THEN 'dhcpv6-client' WHEN 547 THEN 'dhcpv6-server' WHEN 548 THEN 'afpovertcp' WHEN 554 THEN 'rtsp' WHEN 563 THEN 'nntps' WHEN 587 THEN 'submission' WHEN 607 THEN 'nqs' WHEN 623 THEN 'asf-rmcp' WHEN 628 THEN 'qmqp' WHEN 631 THEN 'ipp' WHEN 636 THEN 'ldaps' WHEN 646 THEN 'ldp' WHEN 655 THEN 'tinc' WHEN 706 THEN 'silc' WHEN 749 THEN 'kerberos-adm' WHEN 750 THEN 'kerberos4' WHEN 751 THEN 'kerberos-master' WHEN 752 THEN 'passwd-server' WHEN 754 THEN 'krb-prop' WHEN 775 THEN 'moira-db' WHEN 777 THEN 'moira-update' WHEN 779 THEN 'moira-ureg' WHEN 783 THEN 'spamd' WHEN 853 THEN 'domain-s' WHEN 871 THEN 'supfilesrv' WHEN 873 THEN 'rsync' WHEN 988 THEN 'lustre' WHEN 989 THEN 'ftps-data' WHEN 990 THEN 'ftps' WHEN 992 THEN 'telnets' WHEN 993 THEN 'imaps' WHEN 995 THEN 'pop3s' WHEN 1080 THEN 'socks' WHEN 1093 THEN 'proofd' WHEN 1094 THEN 'rootd' WHEN 1099 THEN 'rmiregistry' WHEN 1127 THEN 'supfiledbg' WHEN 1178 THEN 'skkserv' WHEN 1194 THEN 'openvpn' WHEN 1210 THEN 'predict' WHEN 1236 THEN 'rmtcfg' WHEN 1313 THEN 'xtel' WHEN 1314 THEN 'xtelw' WHEN 1352 THEN 'lotusnote' WHEN 1433 THEN 'ms-sql-s' WHEN 1434 THEN 'ms-sql-m' WHEN 1521 THEN 'ncube-lm' WHEN 1524 THEN 'ingreslock' WHEN 1645 THEN 'datametrics' WHEN 1646 THEN 'sa-msg-port' WHEN 1649 THEN 'kermit' WHEN 1677 THEN 'groupwise' WHEN 1701 THEN 'l2f' WHEN 1812 THEN 'radius' WHEN 1813 THEN 'radius-acct' WHEN 1900 THEN 'ssdp' WHEN 2000 THEN 'cisco-sccp' WHEN 2049 THEN 'nfs' WHEN 2086 THEN 'gnunet' WHEN 2101 THEN 'rtcm-sc104' WHEN 2102 THEN 'zephyr-srv' WHEN 2103 THEN 'zephyr-clt' WHEN 2104 THEN 'zephyr-hm' WHEN 2119 THEN 'gsigatekeeper' WHEN 2121 THEN 'iprop' WHEN 2135 THEN 'gris' WHEN 2375 THEN 'docker' WHEN 2376 THEN 'docker-s' WHEN 2379 THEN 'etcd-client' WHEN 2380 THEN 'etcd-server' WHEN 2401 THEN 'cvspserver' WHEN 2430 THEN 'venus' WHEN 2431 THEN 'venus-se' WHEN 2432 THEN 'codasrv' WHEN 2433 THEN 'codasrv-se' WHEN 2583 THEN 'mon' WHEN 2600 THEN 'zebrasrv' WHEN 2601 THEN 'zebra' WHEN 2602 THEN 'ripd' WHEN 2603 THEN 'ripngd' WHEN 2604 THEN 'ospfd' WHEN 2605 THEN 'bgpd' WHEN 2606 THEN 'ospf6d' WHEN 2607 THEN 'ospfapi' WHEN 2608 THEN 'isisd' WHEN 2628 THEN 'dict' WHEN 2792 THEN 'f5-globalsite' WHEN 2811 THEN 'gsiftp' WHEN 2947 THEN 'gpsd' WHEN 3050 THEN 'gds-db' WHEN 3128 THEN 'squid' WHEN 3130 THEN 'icpv2' WHEN 3205 THEN 'isns' WHEN 3260 THEN 'iscsi-target' WHEN 3306 THEN 'mysql' WHEN 3389 THEN 'ms-wbt-server' WHEN 3493 THEN 'nut' WHEN 3632 THEN 'distcc' WHEN 3689 THEN 'daap' WHEN 3690 THEN 'svn' WHEN 4031 THEN 'suucp' WHEN 4094 THEN 'sysrqd' WHEN 4190 THEN 'sieve' WHEN 4353 THEN 'f5-iquery' WHEN 4369 THEN 'epmd' WHEN 4373 THEN 'remctl' WHEN 4460 THEN 'ntske' WHEN 4500 THEN 'ipsec-nat-t' WHEN 4557 THEN 'fax' WHEN 4559 THEN 'hylafax' WHEN 4569 THEN 'iax' WHEN 4691 THEN 'mtn' WHEN 4899 THEN 'radmin-port' WHEN 4949 THEN 'munin' WHEN 5060 THEN 'sip' WHEN 5061 THEN 'sip-tls' WHEN 5222 THEN 'xmpp-client' WHEN 5269 THEN 'xmpp-server' WHEN 5308 THEN 'cfengine' WHEN 5353 THEN 'mdns' WHEN 5432 THEN 'postgresql' WHEN 5439 THEN 'redshift' WHEN 5555 THEN 'rplay' WHEN 5556 THEN 'freeciv' WHEN 5666 THEN 'nrpe' WHEN 5667 THEN 'nsca' WHEN 5671 THEN 'amqps' WHEN 5672 THEN 'amqp' WHEN 5680 THEN 'canna' WHEN 5900 THEN 'rfb' WHEN 5985 THEN 'wsman' WHEN 5986 THEN 'wsmans' WHEN 6000 THEN 'x11' WHEN 6001 THEN 'x11-1' WHEN 6002 THEN 'x11-2' WHEN 6003 THEN 'x11-3' WHEN 6004 THEN 'x11-4' WHEN 6005 THEN 'x11-5' WHEN 6006 THEN 'x11-6' WHEN 6007 THEN 'x11-7' WHEN 6346 THEN 'gnutella-svc' WHEN 6347 THEN 'gnutella-rtr' WHEN 6379 THEN 'redis' WHEN 6443 THEN 'sun-sr-https' WHEN 6444 THEN 'sge-qmaster' WHEN 6445 THEN 'sge-execd' WHEN 6446 THEN 'mysql-proxy' WHEN 6514 THEN 'syslog-tls' WHEN 6566 THEN 'sane-port' WHEN 6667 THEN 'ircd' WHEN 6696 THEN 'babel' WHEN 6697 THEN 'ircs-u' WHEN 7000 THEN 'bbs' WHEN 7001 THEN 'afs3-callback' WHEN 7002 THEN 'afs3-prserver' WHEN 7003 THEN 'afs3-vlserver' WHEN 7004 THEN 'afs3-kaserver' WHEN 7005 THEN 'afs3-volser' WHEN 7007 THEN 'afs3-bos' WHEN 7008 THEN 'afs3-update' WHEN 7009 THEN 'afs3-rmtsys' WHEN 7100 THEN 'font-service' WHEN 8021 THEN 'zope-ftp' WHEN 8080 THEN 'http-alt' WHEN 8081 THEN 'tproxy' WHEN 8088 THEN 'omniorb' WHEN 8140 THEN 'puppet' WHEN 8443 THEN 'pcsync-https' WHEN 8990 THEN 'clc-build-daemon' WHEN 9042 THEN 'cassandra' WHEN 9092 THEN 'kafka' WHEN 9094 THEN 'kafka-tls' WHEN 9098 THEN 'xinetd' WHEN 9101 THEN 'bacula-dir' WHEN 9102 THEN 'bacula-fd' WHEN 9103 THEN 'bacula-sd' WHEN 9200 THEN 'wap-wsp' WHEN 9418 THEN 'git' WHEN 9667 THEN 'xmms2' WHEN 9673 THEN 'zope' WHEN 10000 THEN 'webmin' WHEN 10050 THEN 'zabbix-agent' WHEN 10051 THEN 'zabbix-trapper' WHEN 10080 THEN 'amanda' WHEN 10081 THEN 'kamanda' WHEN 10082 THEN 'amandaidx' WHEN 10083 THEN 'amidxtape' WHEN 10250 THEN 'kubelet' WHEN 10809 THEN 'nbd' WHEN 11112 THEN 'dicom' WHEN 11211 THEN 'memcache' WHEN 11371 THEN 'hkp' WHEN 17001 THEN 'sgi-cmsd' WHEN 17002 THEN 'sgi-crsd' WHEN 17003 THEN 'sgi-gcd' WHEN 17004 THEN 'sgi-cad' WHEN 17500 THEN 'db-lsp' WHEN 22125 THEN 'dcap' WHEN 22128 THEN 'gsidcap' WHEN 22273 THEN 'wnn6' WHEN 24554 THEN 'binkp' WHEN 27017 THEN 'mongodb' WHEN 27374 THEN 'asp' WHEN 30865 THEN 'csync2' WHEN 51820 THEN 'wireguard' WHEN 57000 THEN 'dircproxy' WHEN 60177 THEN 'tfido' WHEN 60179 THEN 'fido' ELSE CAST(service_port AS VARCHAR) END AS service,
    
    CASE
        WHEN flag_bits IS NULL THEN NULL
        WHEN flag_bits = 0 THEN 'none'
        ELSE TRIM(
            CASE
                WHEN (bitwise_and(flag_bits, 18) = 18) THEN 'SYN-ACK '
                WHEN (bitwise_and(flag_bits, 2) = 2) THEN 'SYN '
                ELSE ''
            END
            || CASE WHEN (bitwise_and(flag_bits, 1) = 1) THEN 'FIN ' ELSE '' END
            || CASE WHEN (bitwise_and(flag_bits, 4) = 4) THEN 'RST' ELSE '' END
        )
    END AS flags,
    


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
LIMIT 20
