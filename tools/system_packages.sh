#!/bin/sh
# Install what the tests need beside Python packages: a browser and a translation engine. Where this may not be done,
# say the one line that does it.
set -eu

missing() {
    command -v chromium >/dev/null 2>&1 || echo chromium
    if ! command -v apertium >/dev/null 2>&1; then
        echo apertium apertium-eng-spa
    elif ! apertium -l | grep -q eng-spa; then
        echo apertium-eng-spa
    fi
}

packages=$(missing | tr '\n' ' ')
[ -n "$packages" ] || exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing $packages"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
    exit 0
fi

echo "The tests need these system packages. Install them, then run make test again:" >&2
echo "    sudo apt-get install $packages" >&2
exit 1
