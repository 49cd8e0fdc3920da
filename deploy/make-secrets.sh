#!/usr/bin/env bash
# Makes the files of secrets that docker-compose.yaml reads, with random values, for nobody else to read, and .env.
# What is there is never overwritten: run it again to make what is missing. --demo: the share is the demo's own.
#   deploy/make-secrets.sh [--demo] [FOLDER OF THE PROJECT]
set -euo pipefail
umask 077

demo=
if [[ ${1-} == --demo ]]; then
    demo=yes
    shift
fi
project=${1:-$(dirname "$(dirname "$(realpath "$0")")")}
secrets=$project/secrets

# Letters and digits only: these stand in addresses and in files that compose reads in its own way.
random_text() {
    head --bytes 4096 /dev/urandom | base64 --wrap 0 | tr --delete '+/=' | head --bytes "$1"
}

# 32 random bytes as Airflow's encryption of connections wants them.
fernet_key() {
    head --bytes 32 /dev/urandom | base64 --wrap 0 | tr '+/' '-_'
}

# Every byte that is neither letter nor digit as %XX, for a part of an address.
encoded() {
    local LC_ALL=C text=$1 made='' i character
    for (( i = 0; i < ${#text}; i++ )); do
        character=${text:i:1}
        case $character in
            [A-Za-z0-9._~-]) made+=$character ;;
            *) printf -v character '%%%02X' "'$character"; made+=%${character: -2} ;;
        esac
    done
    printf '%s' "$made"
}

# The value of a name in a file that we have made.
value_of() {
    sed --quiet "s/^$2=//p" "$secrets/$1"
}

# Writes standard input to a file, unless it is there: whole or not at all.
write_new() {
    if [[ -e $secrets/$1 ]]; then
        cat >/dev/null
        echo "secrets/$1 is there and stays as it is"
        return
    fi
    cat >"$secrets/.$1.new"
    mv --no-clobber "$secrets/.$1.new" "$secrets/$1"
    echo "secrets/$1 made"
}

share_address() {
    if [[ -n $demo ]]; then
        printf 'samba://reservplan:%s@samba:1445/reservplan' "$(value_of samba.env SAMBA_PASSWORD)"
        return
    fi
    [[ -t 0 ]] || return 0
    local host share login domain password
    {
        echo "The share (leave the server empty to fill in secrets/share.env by hand later)"
        read -rp "  file server, for example fs01.example.org: " host
        [[ -n $host ]] || return 0
        read -rp "  share, for example V: " share
        read -rp "  login, for example svc-reservplan: " login
        read -rp "  its domain, or nothing: " domain
        read -rsp "  password (not shown): " password
        echo
    } >&2
    printf 'samba://%s:%s@%s/%s' "$(encoded "$login")" "$(encoded "$password")" "$host" "$(encoded "$share")"
    [[ -z $domain ]] || printf '?domain=%s' "$(encoded "$domain")"
}

mkdir --parents "$secrets"
chmod 0700 "$secrets"

write_new postgres.env <<END
POSTGRES_PASSWORD=$(random_text 40)
END
write_new redis.env <<END
REDIS_PASSWORD=$(random_text 40)
END
write_new samba.env <<END
SAMBA_PASSWORD=$(random_text 40)
END
write_new admin.env <<END
# The first administrator of Airflow's pages is admin. Change the password there after the first sign-in. It is set
# again only where nobody is an administrator any more.
RESERVPLAN_ADMIN_PASSWORD=$(random_text 24)
END
database=postgresql+psycopg2://airflow:$(value_of postgres.env POSTGRES_PASSWORD)@postgres:5432/airflow
write_new airflow.env <<END
# The same for all of Airflow's services. How to change one: docs/security.md, Secrets.
AIRFLOW__CORE__FERNET_KEY=$(fernet_key)
AIRFLOW__API__SECRET_KEY=$(random_text 64)
AIRFLOW__API_AUTH__JWT_SECRET=$(random_text 86)
AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=$database
AIRFLOW__CELERY__RESULT_BACKEND=db+$database
AIRFLOW__CELERY__BROKER_URL=redis://:$(value_of redis.env REDIS_PASSWORD)@redis:6379/0
END
write_new mail.env <<END
# Connections that the configuration names under alerts, and smtp_default, which is used while the configuration is broken.
# Login and password percent-encoded: letters and digits as they are, anything else as %XX. One line each, for example
# AIRFLOW_CONN_SMTP_DEFAULT=smtp://login:password@mail.example.org:587/?from_email=reservplan%40example.org&to=drift%40example.org
END
address=$([[ -e $secrets/share.env ]] || share_address)
write_new share.env <<END
# The share. Empty is refused: \`reservplan check\` and every run say so. Percent-encoded as in mail.env, for example
# AIRFLOW_CONN_RESERVPLAN_SHARE=samba://svc-reservplan:password@fs01.example.org/V?domain=EXAMPLE
AIRFLOW_CONN_RESERVPLAN_SHARE=$address
END
if [[ ! -e $project/.env ]]; then
    cp "$(dirname "$(realpath "$0")")/site.env" "$project/.env"
    echo ".env made: set RESERVPLAN_EXPORTS there"
fi
[[ -n $(value_of share.env AIRFLOW_CONN_RESERVPLAN_SHARE) ]] \
    || echo "secrets/share.env has no address yet: fill it in, or remove the file and run this at a terminal"
