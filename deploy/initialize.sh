#!/usr/bin/env bash
# Makes what Airflow needs before its services start. May be run again at any time: what is there stays as it is.
set -euo pipefail

: "${RESERVPLAN_ADMIN_PASSWORD:?Please run: make secrets}"

# Staging and archive hold what the paper holds. Beside config/, as config/reservplan.yaml names them.
home=$(dirname "$(dirname "$RESERVPLAN_CONFIG")")
for folder in "$home/.run/staging" "$home/.run/archive" "$home/.run/reports" "$home/.run/watch"; do
    [[ -O $folder && -w $folder ]] || {
        echo "$folder does not belong to $(id -un) (number $(id -u)). Give it to that user, or remove its volume while nothing runs." >&2
        exit 1
    }
    chmod 0700 "$folder"
done

airflow db migrate
airflow pools set reservplan_publish 4 "So many stores are written at a time"

# Only where nobody is an administrator: whom the site has removed must not come back with the first password.
users=$(airflow users list --output json)
if [[ ! $users =~ \"roles\":[^}]*Admin ]]; then
    # Asked for twice on standard input where there is no terminal: a command line is everybody's to read.
    printf '%s\n%s\n' "$RESERVPLAN_ADMIN_PASSWORD" "$RESERVPLAN_ADMIN_PASSWORD" \
        | setsid --wait airflow users create --role Admin --username admin --firstname First --lastname Administrator \
            --email admin@localhost
fi
