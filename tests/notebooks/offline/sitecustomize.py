"""On the path of a notebook's kernel and of all that it starts: no Python program there reaches another machine."""

import ipaddress
import sys


def refuse(event: str, arguments: tuple) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not is_loopback(address[0]):
            raise PermissionError(f"tests reach loopback only, not {address[0]}")
    elif event == "socket.getaddrinfo" and not is_loopback(arguments[0]):
        raise PermissionError(f"tests reach loopback only, not {arguments[0]}")


def is_loopback(host: object) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost", "0.0.0.0", "::"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


sys.addaudithook(refuse)
