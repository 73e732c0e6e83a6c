"""Which requests go through a proxy: what the environment says, and never those to this machine."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from workspace.errors import ConfigError

_PROTOCOLS = ("http", "https", "socks", "socks5", "socks5h")


def is_this_machine(url: str) -> bool:
    """Whether an address is of this machine: ``localhost``, 127.0.0.0/8 or ``::1``.

    >>> [is_this_machine(url) for url in ("http://127.0.0.1:6900", "http://[::1]:80", "https://argilla.example")]
    [True, True, False]
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_for(url: str) -> str | None:
    """The proxy through which an address is asked; None for this machine, and for what ``NO_PROXY`` names.

    ``HTTP_PROXY`` or ``HTTPS_PROXY`` goes before ``ALL_PROXY``. ``NO_PROXY`` may name hosts, domains, addresses and
    networks (``192.168.0.0/16``). ``socks://``, as GNOME writes it, is SOCKS 5.

    Raises:
        ConfigError: it is no proxy that can be used.
    """
    parts, proxies = urlsplit(url), getproxies()
    scheme = parts.scheme if parts.scheme in proxies else "all"
    proxy = proxies.get(scheme)
    if not proxy or is_this_machine(url) or _is_direct(parts.hostname or "", proxies.get("no", "")):
        return None
    protocol, rest = _parts(scheme, proxy, parts.hostname)
    return f"{'socks5' if protocol.startswith('socks') else protocol}://{rest}"  # httpx has one kind, by name


def check_proxies() -> None:
    """Refuse proxies of the environment with which httpx2 cannot make a client, for whatever address.

    Raises:
        ConfigError: there is one.
    """
    proxies = getproxies()
    for scheme in ("http", "https", "all"):
        if (proxy := proxies.get(scheme)) and _parts(scheme, proxy)[0] == "socks":
            raise _unusable(scheme)


def _parts(scheme: str, proxy: str, host: str | None = None) -> tuple[str, str]:
    """The protocol of a proxy, ``http`` where it names none, and the rest of its address."""
    kind, _, rest = proxy.rpartition("://")
    kind = kind.lower() or "http"
    try:
        parts = urlsplit(f"//{rest}")
        is_address = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if kind not in _PROTOCOLS or not is_address:
        raise _unusable(scheme, host)
    return kind, rest


def _unusable(scheme: str, host: str | None = None) -> ConfigError:
    """Never quotes the address, which may hold a password."""
    without = f", or name {host} in NO_PROXY" if host else ""
    return ConfigError(
        f"{scheme.upper()}_PROXY is not an address of a proxy: set it to one such as http://proxy.example:3128 or "
        f"socks5://proxy.example:1080, or unset it{without}"
    )


def _is_direct(host: str, exceptions: str) -> bool:
    """Whether ``NO_PROXY`` names a host: by its name or domain, or by a network that its address is in."""
    if proxy_bypass(host):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _networks(exceptions))


def _networks(exceptions: str) -> Iterator[IPv4Network | IPv6Network]:
    for entry in exceptions.split(","):
        try:
            yield ip_network(entry.strip().strip("[]"), strict=False)
        except ValueError:
            continue
