#!/usr/bin/env bash
# Fonts and text that the shipped weights were trained on; what they are: SOURCES.md.
#
# Usage: install.sh [DATA]          DATA: a folder, by default runs/corpus
#
# Needs Debian 12, npm, and root for the fonts that are not installed yet. It can be run again: what is there stays.
# Leaves in DATA: npm/ and deb/ (what was downloaded), fonts.tsv and text/LANGUAGE.txt (for `multirec train`),
# screen_fonts.tsv, text/interface/LANGUAGE.txt and text/program.txt (for ../screens/draw.py, with Debian's chromium).
# PYTHON names another interpreter than python3; 3.11 or newer is needed.
set -euo pipefail

DATA=${1:-runs/corpus}
HERE=$(cd "$(dirname "$0")" && pwd)
PYTHON=${PYTHON:-python3}

# Text packages: only unpacked, never installed.
TEXT=(
  fortunes fortunes-min fortunes-{cs,de,es,it,pl}
  dict-devil anarchism debian-handbook debian-history gnome-user-docs
  libreoffice-help-{cs,da,de,en-us,es,et,fi,fr,hu,it,nl,pl,pt,sl,sv,tr}
  libreoffice-l10n-{hr,is,lt,lv,nb,ro}  # these have no translated help
  manpages-{cs,da,de,es,fi,fr,hu,it,nb,nl,pl,ro,sv}
)

# Packages with translated interfaces, and with program text: only unpacked, too.
SCREENS=(
  abiword-common audacity-data darktable dolphin eog epiphany-browser-data evolution-common file-roller
  filezilla-common gedit-common gimp-data gnome-calculator gnome-control-center-data gnucash-common gnumeric-common
  gparted-common hexchat-common kate5-data konsole-kpart libgtk-3-common libkf5xmlgui-data nautilus-data
  nextcloud-desktop-l10n okular pidgin-data rhythmbox-data shotwell-common simple-scan synaptic totem-common
  transmission-common vlc-l10n
  ansible-core bash-completion cmake-data dbconfig-common debhelper erlang-src golang-golang-x-net-dev
  golang-golang-x-tools-dev libjs-bootstrap4 libjs-jquery librust-regex-dev librust-serde-dev librust-tokio-dev
  libstdc++-12-dev lintian linux-libc-dev node-lodash node-typescript octave-common
  php-symfony-console php-twig phpmyadmin postgresql-15 python3-django python3-networkx python3-sympy qtbase5-examples
  ruby-activerecord vim-runtime yt-dlp
)

say() { echo "install.sh: $*" >&2; }
die() { say "$@"; exit 1; }

# need COMMAND: stops where it is not installed.
need() { command -v "$1" >/dev/null || die "$1 is needed and not installed"; }

# faces_from PATTERN: the packages in fonts.tsv and screen_fonts.tsv that match.
faces_from() { cut -f 7 "$HERE/fonts.tsv" "$HERE/screen_fonts.tsv" | grep "$1" | sort -u; }

# check_known PACKAGE...: stops where apt does not know one, before anything is downloaded.
check_known() {
  local known unknown
  known=$(apt-cache madison "$@" 2>/dev/null | awk '{ print $1 }' | sort -u)
  unknown=$(printf '%s\n' "$@" | sort -u | comm -23 - <(echo "$known"))
  [ -z "$unknown" ] || die "apt does not know ${unknown//$'\n'/ }: run 'apt-get update'; Debian 12 has them all"
}

# install_debian PACKAGE...: installs those that are not installed yet.
install_debian() {
  local package absent=()
  for package in "$@"; do
    dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || absent+=("$package")
  done
  [ ${#absent[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "run it as root: these packages are to be installed: ${absent[*]}"
  say "installing ${#absent[@]} packages"
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "${absent[@]}" >&2
}

# unpack PACKAGE: downloads it and unpacks it into a folder of its name, in the current folder.
unpack() {
  [ ! -d "$1" ] || return 0
  rm -rf "$1.part" "$1"_*.deb
  apt-get download --quiet=2 "$1" >&2 || die "$1 cannot be downloaded"
  dpkg-deb --extract "$1"_*.deb "$1.part"
  mv "$1.part" "$1"  # only now: a folder of this name is a whole package
  rm "$1"_*.deb
}

# king_james: the verses of the Bible, one a line, without their numbers; the program prints wrapped and numbered ones.
king_james() {
  bible -l 9999 'gen1:1-rev22:21' </dev/null | awk '
    /^ +[0-9]+ / { if (verse) print verse; sub(/^ +[0-9]+ +/, ""); verse = $0; next }
    NF < 3 && /[0-9]$/ { next }  # the heading of a chapter
    NF { sub(/^ +/, ""); verse = verse " " $0 }
    END { print verse }'
}

for command in apt-get apt-cache dpkg-query dpkg-deb npm awk "$PYTHON"; do need "$command"; done
mapfile -t debian < <(faces_from '^fonts-')
mapfile -t npm < <(faces_from '^@')
mkdir -p "$DATA/npm" "$DATA/deb"

check_known "${debian[@]}" bible-kjv bible-kjv-text chromium "${TEXT[@]}" "${SCREENS[@]}"
install_debian "${debian[@]}" chromium bible-kjv bible-kjv-text  # that text is packed: only its program can print it

say "fetching ${#npm[@]} packages of fonts from npm"
npm install --prefix "$DATA/npm" --ignore-scripts --no-audit --no-fund --loglevel error "${npm[@]}" >&2 ||
  die "npm could not install all of: ${npm[*]}"

say "fetching $((${#TEXT[@]} + ${#SCREENS[@]})) packages of text"
cd "$DATA/deb"
for package in "${TEXT[@]}" "${SCREENS[@]}"; do unpack "$package"; done
if [ ! -s kjv.txt ]; then
  king_james >kjv.txt.part
  mv kjv.txt.part kjv.txt
fi
cd "$OLDPWD"

"$PYTHON" "$HERE/fonts.py" "$DATA"
"$PYTHON" "$HERE/texts.py" "$DATA"
"$PYTHON" "$HERE/screens.py" "$DATA"
