"""Names of protocols and services: the everyday ones are known, and no port or name means two things."""

import pytest

from flowsql.services import PROTOCOL_NUMBERS, PROTOCOLS, port_number, service_names


@pytest.mark.parametrize(
    ("name", "port"),
    [
        *(("ssh", 22), ("SSH", 22), ("telnet", 23), ("smtp", 25), ("domain", 53), ("http", 80), ("www", 80)),
        *(("kerberos", 88), ("ntp", 123), ("snmp", 161), ("ldap", 389), ("https", 443), ("microsoft-ds", 445)),
        *(("ldaps", 636), ("mysql", 3306), ("rdp", 3389), ("postgresql", 5432), ("postgres", 5432), ("redis", 6379)),
        *(("oracle", 1521), ("ms-sql-s", 1433), ("kafka", 9092), ("docker", 2375), ("dns", 53), ("mssql", 1433)),
        *(("mongodb", 27017), ("winrm", 5985), ("smb", 445), ("ftp", 21), ("nfs", 2049), ("elasticsearch", 9200)),
    ],
)
def test_everyday_services_are_known(name: str, port: int) -> None:
    assert port_number(name) == port


def test_an_unknown_service() -> None:
    with pytest.raises(KeyError):
        port_number("no such service")


def test_a_service_s_name_leads_back_to_its_port() -> None:
    names = service_names()
    assert list(names) == sorted(names)
    assert all(0 < port < 65536 and name == name.lower() and " " not in name for port, name in names.items())
    assert names[22] == "ssh"
    assert names[443] == "https"
    for port, name in names.items():
        assert port_number(name) in (port, *(other for other, same in names.items() if same == name))


def test_protocols() -> None:
    assert PROTOCOLS[6] == "tcp"
    assert PROTOCOL_NUMBERS["udp"] == 17
    assert PROTOCOL_NUMBERS["ipv6-icmp"] == PROTOCOL_NUMBERS["icmpv6"] == 58
    assert {PROTOCOLS[number] for number in PROTOCOLS} <= set(PROTOCOL_NUMBERS)
