#!/usr/bin/env bash
# A share for the demo, served by an ordinary user: SMB 3.1.1, signed and encrypted, one login.
set -euo pipefail
umask 077

: "${SAMBA_PASSWORD:?Please run: make secrets}"
base=${SAMBA_FOLDER:-/srv/samba}
PATH=$PATH:/usr/sbin

mkdir -p "$base"/{share,private,state,cache,lock,pid,ncalrpc}
# The folder that config/reservplan.yaml names: a store never makes its own.
mkdir -p "$base/share/Besöksplanering ALLA grupper"
cat >"$base/smb.conf" <<END
[global]
server role = standalone server
map to guest = never
smb ports = ${SAMBA_PORT:-1445}
${SAMBA_ADDRESS:+interfaces = $SAMBA_ADDRESS/8
bind interfaces only = yes}
disable netbios = yes
server min protocol = SMB3_11
server signing = mandatory
server smb encrypt = required
load printers = no
printing = bsd
printcap name = /dev/null
disable spoolss = yes
usershare path =
rpc start on demand helpers = no
store dos attributes = yes
ea support = yes
passdb backend = tdbsam:$base/private/passdb.tdb
private dir = $base/private
state directory = $base/state
cache directory = $base/cache
lock directory = $base/lock
pid directory = $base/pid
ncalrpc dir = $base/ncalrpc
[reservplan]
path = $base/share
valid users = $(id -un)
read only = no
END
printf 'username=%s\npassword=%s\n' "$(id -un)" "$SAMBA_PASSWORD" >"$base/login"
printf '%s\n%s\n' "$SAMBA_PASSWORD" "$SAMBA_PASSWORD" \
    | pdbedit --configfile="$base/smb.conf" --create --user="$(id -un)" --password-from-stdin >/dev/null
exec smbd --configfile="$base/smb.conf" --foreground --no-process-group --debug-stdout --debuglevel=1
