#!/usr/bin/env bash
# Sees to it that the named Debian or Ubuntu packages are there: as root it installs what is missing,
# otherwise it says what to install and exits with 1.
#   servers/packages.sh [--for-run] PACKAGE…
set -euo pipefail

# smbd lies in sbin, which an ordinary user's PATH leaves out.
PATH=$PATH:/usr/sbin:/sbin

commands_of() {
    case $1 in
        samba) echo smbd pdbedit smbcontrol ;;
        smbclient) echo smbclient ;;
        poppler-utils) echo pdftotext pdftoppm ;;
        *) echo "$1" ;;
    esac
}

is_there() {
    # Debian ships venv without what it needs to make an environment.
    [[ $1 != python3-venv ]] || { python3 -c 'import ensurepip' 2>/dev/null; return; }
    local command
    for command in $(commands_of "$1"); do
        command -v "$command" >/dev/null || return 1
    done
}

install() {
    export DEBIAN_FRONTEND=noninteractive
    # A source that does not answer need not be the one that has these packages: the install decides.
    apt-get update -qq || true
    apt-get -o DPkg::Lock::Timeout=300 install --yes -qq --no-install-recommends "$@" >&2
}

# Debian starts a file server for all the world with the package; only the program is wanted here.
silence_service() {
    if [[ " $* " == *" samba "* && -d /run/systemd/system ]]; then
        systemctl disable --quiet --now smbd.service nmbd.service || true
    fi
}

for_run=
if [[ ${1-} == --for-run ]]; then
    for_run=yes
    shift
fi

missing=()
for package; do
    is_there "$package" || missing+=("$package")
done
(( ${#missing[@]} )) || exit 0

if (( EUID == 0 )) && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]} …" >&2
    install "${missing[@]}"
    silence_service "${missing[@]}"
    for package in "${missing[@]}"; do
        is_there "$package" || { echo "$package was installed, but its commands are not found." >&2; exit 1; }
    done
else
    echo "Missing on this machine: ${missing[*]}. Please run:" >&2
    echo "sudo apt-get install ${missing[*]}" >&2
    [[ -z $for_run ]] || echo "Or, without it: make run STORE=folder" >&2
    exit 1
fi
