# shellcheck shell=bash
# postgresql.sh - a throw-away PostgreSQL server, for scripts that source this file.
# It listens on 127.0.0.1 and on a Unix socket in its own folder, and trusts everybody
# who can reach it there. It knows nothing of qlog.
#
#   pg_create DIR      make the folder and an empty cluster below it
#   pg_settings        append lines of postgresql.conf from stdin
#   pg_start           start it on a free port; sets PGHOST, PGPORT, PGUSER
#   pg_shutdown        stop it and keep its folder
#   pg_remove          stop it and remove the folder; safe to call at any time
#
# initdb and postgres refuse to run as root: as root they run as the user `postgres`,
# or `nobody` where there is none.

# The newest installed server from version 15 on, or what PG_BIN says.
pg_find_bin() {
    local candidate
    if [ -n "${PG_BIN:-}" ]; then
        return 0
    fi
    for candidate in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
        if [ -x "$candidate/initdb" ]; then
            PG_BIN=$candidate
            return 0
        fi
    done
    candidate=$(command -v initdb) || {
        echo 'no PostgreSQL server found; install it with: make deps-all' >&2
        return 1
    }
    PG_BIN=$(dirname "$(readlink -f "$candidate")")
}

pg_as_owner() {
    if [ "$(id -u)" = 0 ]; then
        # The caller's folder may be closed to the owner.
        (cd / && exec runuser -u "$PG_OWNER" -- "$@")
    else
        "$@"
    fi
}

pg_create() {
    PG_DIR=$1
    PG_DATA=$PG_DIR/data
    pg_find_bin || return 1
    PG_OWNER=$(id -un)
    if [ "$PG_OWNER" = root ]; then
        PG_OWNER=postgres
        id postgres >/dev/null 2>&1 || PG_OWNER=nobody
    fi
    # Without -p: a folder that is there belongs to somebody else.
    mkdir "$PG_DIR" || return 1
    PG_CREATED=yes
    chown "$PG_OWNER" "$PG_DIR"
    pg_as_owner "$PG_BIN/initdb" --pgdata="$PG_DATA" --username=postgres --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
}

pg_settings() {
    cat >>"$PG_DATA/postgresql.conf"
}

pg_start() {
    local attempt
    for attempt in 1 2 3 4 5; do
        PGPORT=$((20000 + (RANDOM + attempt) % 12000))
        if pg_as_owner "$PG_BIN/pg_ctl" start --pgdata="$PG_DATA" --silent --wait \
            --log="$PG_DIR/startup.log" --options="-p $PGPORT -k $PG_DIR -h 127.0.0.1"; then
            PG_STARTED=yes
            PGHOST=$PG_DIR
            PGUSER=postgres
            export PGHOST PGPORT PGUSER
            return 0
        fi
    done
    cat "$PG_DIR/startup.log" >&2
    return 1
}

pg_shutdown() {
    if [ "${PG_STARTED:-}" = yes ]; then
        PG_STARTED=
        pg_as_owner "$PG_BIN/pg_ctl" stop --pgdata="$PG_DATA" --silent --wait --mode=fast || true
    fi
}

pg_remove() {
    pg_shutdown
    if [ "${PG_CREATED:-}" = yes ]; then
        PG_CREATED=
        rm -rf "$PG_DIR"
    fi
}
