# shellcheck shell=bash
# mariadb.sh - a throw-away MariaDB server, for scripts that source this file.
# It listens only on a Unix socket in its own folder, and trusts everybody who can reach it
# there. It knows nothing of qlog.
#
#   maria_create DIR      make the folder and an empty server below it
#   maria_settings        append lines of its section of my.cnf from stdin
#   maria_start           start it; sets MARIA_SOCKET
#   maria_client ...      the client, as root of the server, with these options
#   maria_remove          stop it and remove the folder; safe to call at any time

maria_create() {
    command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null || {
        echo 'no MariaDB server found; install it with: make deps-all' >&2
        return 1
    }
    MARIA_DIR=$1
    MARIA_SOCKET=$MARIA_DIR/mariadb.sock
    # Without -p: a folder that is there belongs to somebody else.
    mkdir "$MARIA_DIR" || return 1
    MARIA_CREATED=yes
    MARIA_OWNER=$(id -un)
    cat >"$MARIA_DIR/my.cnf" <<CONF
[mariadbd]
user = $MARIA_OWNER
datadir = $MARIA_DIR/data
socket = $MARIA_SOCKET
pid_file = $MARIA_DIR/mariadb.pid
skip_networking
innodb_buffer_pool_size = 64M
innodb_flush_log_at_trx_commit = 0
innodb_log_file_size = 16M
character_set_server = utf8mb4
CONF
    mariadb-install-db --defaults-file="$MARIA_DIR/my.cnf" --auth-root-authentication-method=normal \
        --skip-test-db >"$MARIA_DIR/install.log" 2>&1 || { cat "$MARIA_DIR/install.log" >&2; return 1; }
}

maria_settings() {
    cat >>"$MARIA_DIR/my.cnf"
}

maria_start() {
    mariadbd --defaults-file="$MARIA_DIR/my.cnf" >"$MARIA_DIR/server.log" 2>&1 &
    MARIA_PID=$!
    for _ in $(seq 1 300); do
        if maria_client --execute='SELECT 1' >/dev/null 2>&1; then
            return 0
        fi
        kill -0 "$MARIA_PID" 2>/dev/null || break
        sleep 0.1
    done
    cat "$MARIA_DIR/server.log" >&2
    return 1
}

maria_client() {
    mariadb --no-defaults --socket="$MARIA_SOCKET" --user=root --batch --skip-column-names "$@"
}

maria_remove() {
    if [ -n "${MARIA_PID:-}" ]; then
        kill "$MARIA_PID" 2>/dev/null && wait "$MARIA_PID" 2>/dev/null
        MARIA_PID=
    fi
    if [ "${MARIA_CREATED:-}" = yes ]; then
        rm -rf "$MARIA_DIR"
        MARIA_CREATED=
    fi
}
