"""Microsoft's hosts: nothing is sent to any other."""

from __future__ import annotations

import contextlib
import ipaddress

from yarl import URL

CONNECTORS = ("smba.trafficmanager.net", "botframework.com", "teams.microsoft.com", "botapi.skype.com")
"""Where Teams' connectors live; trafficmanager.net as a whole is open to anyone."""

FILES = ("sharepoint.com", "sharepoint.us", "sharepoint-mil.us", "sharepoint.cn")
"""Where the OneDrive of an organisation lies, in Microsoft's worldwide cloud and those of the USA and China.

learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges and its sister pages list them.
"""


def is_at(address: str, hosts: tuple[str, ...], *, loopback: bool) -> bool:
    """Whether an address is at one of these hosts over https, or, for developers, on this machine."""
    try:
        url = URL(address)
        host = (url.host or "").lower()
        port, user = url.explicit_port, url.user
    except ValueError:
        return False
    if loopback and url.scheme in ("http", "https") and is_loopback(host):
        return True
    known = any(host == name or host.endswith(f".{name}") for name in hosts)
    return url.scheme == "https" and known and port in (None, 443) and user is None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
