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
        libreoffice-calc) echo soffice ;;
        exfat-fuse) echo mount.exfat-fuse ;;
        exfatprogs) echo mkfs.exfat ;;
        btrfs-progs) echo mkfs.btrfs btrfs ;;
        postgresql) echo initdb postgres psql createdb pg_dump ;;
        *) echo "$1" ;;
    esac
}

is_there() {
    # Debian ships venv without what it needs to make an environment.
    [[ $1 != python3-venv ]] || { python3 -c 'import ensurepip' 2>/dev/null; return; }
    # A library has no command; the loader knows it.
    [[ $1 != libpangoft2* ]] || { [[ $(ldconfig -p) == *libpangoft2* ]]; return; }
    # Fonts have no command.
    [[ $1 != fonts-liberation ]] || { [[ $(fc-list 2>/dev/null) == *LiberationSans-Regular* ]]; return; }
    # Ubuntu's package is a snap under another name; a browser from elsewhere is as good.
    [[ $1 != chromium ]] || { command -v chromium chromium-browser google-chrome >/dev/null; return; }
    # Debian keeps each version's server in a folder of its own.
    local command servers
    servers=$(echo /usr/lib/postgresql/*/bin | tr ' ' :)
    local PATH=$PATH:$servers
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

# Debian starts a server for all the world with some packages; only the programs are wanted here.
silence_services() {
    local package version name
    for package; do
        case $package in
            samba) stop_service smbd nmbd ;;
            redis-server) stop_service redis-server ;;
            postgresql)
                stop_service postgresql
                while read -r version name _; do
                    pg_ctlcluster "$version" "$name" stop 2>/dev/null || true
                done < <(pg_lsclusters --no-header 2>/dev/null)
                ;;
        esac
    done
}

stop_service() {
    if [[ -d /run/systemd/system ]]; then
        systemctl disable --quiet --now "${@/%/.service}" || true
        return
    fi
    local name
    for name; do
        [[ ! -x /etc/init.d/$name ]] || "/etc/init.d/$name" stop >/dev/null 2>&1 || true
    done
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
    silence_services "${missing[@]}"
    for package in "${missing[@]}"; do
        is_there "$package" || { echo "$package was installed, but its commands are not found." >&2; exit 1; }
    done
else
    echo "Missing on this machine: ${missing[*]}. Please run:" >&2
    echo "sudo apt-get install ${missing[*]}" >&2
    [[ -z $for_run ]] || echo "Or, without it: make run STORE=folder" >&2
    exit 1
fi
