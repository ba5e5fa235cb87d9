#!/bin/sh
# Fetch the Caddy proxy for the test of deploy/Caddyfile, where that is possible without asking anyone: Debian's package, unpacked into
# build/caddy; nothing is installed or started. The test skips without it; where CI is set it fails.
set -eu

if command -v caddy >/dev/null || [ -x build/caddy/usr/bin/caddy ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    mkdir -p build/caddy
    chmod 755 build/caddy
    apt-get update -qq && (cd build/caddy && apt-get download -qq -o APT::Sandbox::User=root caddy && dpkg-deb -x caddy_*.deb . && rm caddy_*.deb) && exit 0
fi
echo "No Caddy here, and no right to fetch it: install the package 'caddy' to run the test of the replicas." >&2
