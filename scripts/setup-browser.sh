#!/usr/bin/env bash
# Sees to it that Chromium and a Chinese font are installed, for the tests of the widget and the console.
# Installs them by apt when it runs as root; otherwise says what to install.
set -euo pipefail

has_chromium() { type -P chromium || type -P chromium-browser || type -P google-chrome; }
has_font() { type -P fc-list && [ -n "$(fc-list :lang=zh)" ]; }

missing=()
has_chromium >/dev/null || missing+=(chromium)
has_font >/dev/null || missing+=(fontconfig fonts-wqy-microhei)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" != 0 ] || [ -z "$(type -P apt-get)" ]; then
    echo "setup: the tests of the pages need ${missing[*]}. Install them (sudo apt install ${missing[*]}) and run this again." >&2
    exit 1
fi
echo "Installing ${missing[*]} by apt …" >&2
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
    { echo "setup: apt could not install ${missing[*]}. Install them yourself and run this again." >&2; exit 1; }
