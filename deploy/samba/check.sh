#!/usr/bin/env bash
# Whether the share can be read with its login.
set -euo pipefail
base=${SAMBA_FOLDER:-/srv/samba}
exec smbclient //127.0.0.1/reservplan --configfile=/dev/null --port="${SAMBA_PORT:-1445}" \
    --authentication-file="$base/login" --client-protection=encrypt --command=ls >/dev/null
