#!/usr/bin/env bash
# A private MariaDB on 127.0.0.1, from the system's package (Debian: mariadb-server); the system's
# own server is not touched.
#
#   mariadb.sh start DATA [PORT]   starts it on DATA, waits until it answers, makes the database and
#                                  the user; prints its address,
#                                  mysql://user:password@127.0.0.1:PORT/database. PORT defaults to a
#                                  free one, or to the one that DATA was started with before.
#   mariadb.sh stop DATA           ends it; keeps the data
#
# Files, socket, log and pid are under DATA. Works as root (the server then runs as the user mysql)
# and as anybody else.
#
#   DB_NAME, DB_USER, DB_PASS   default lr_event_book, test_user, test_pass
#   DB_BUFFER_POOL              memory for pages of tables; default 64M, benchmarks of large shelves
#                               want 4G
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
database=${DB_NAME:-lr_event_book}
user=${DB_USER:-test_user}
password=${DB_PASS:-test_pass}
buffer_pool=${DB_BUFFER_POOL:-64M}
# Debian keeps servers where only root's path leads.
PATH=$PATH:/usr/sbin

fail() {
  echo "mariadb.sh: $*" >&2
  exit 1
}

usage() { fail "wanted: start DATA [PORT] | stop DATA"; }

# The process is there and is this server: a pid may be reused, or belong to a zombie whose command
# line is empty.
is_running() {
  local pid
  pid=$(cat "$data/pid" 2>/dev/null) || return 1
  grep -qsaF -- "--datadir=$data/data" "/proc/$pid/cmdline"
}

as_administrator() { "$1" --no-defaults --socket="$data/mariadb.sock" -u "$(id -un)" "${@:2}"; }

make_data_folder() {
  local owner=$1
  mkdir -p "$data/data" "$data/tmp"
  touch "$data/mariadb.log"
  if [ "$(id -u)" = 0 ]; then
    chmod 755 "$data"
    chown "$owner" "$data" "$data/data" "$data/tmp" "$data/mariadb.log"
    su -s /bin/sh "$owner" -c "test -x '$data'" ||
      fail "user $owner cannot enter $data, wanted o+x on every folder above it"
  fi
  [ -d "$data/data/mysql" ] && return
  mariadb-install-db --no-defaults --user="$owner" --datadir="$data/data" --skip-test-db \
    --auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" \
    >"$data/install.log" 2>&1 || { tail -20 "$data/install.log" >&2; fail "could not make $data/data"; }
}

# An authority of its own and a certificate for localhost, so that the server offers TLS; clients
# find the authority by @@ssl_ca.
make_certificates() {
  local owner=$1 tls="$data/tls"
  [ -f "$tls/server.pem" ] && return
  command -v openssl >/dev/null || fail "openssl is missing, wanted Debian's openssl"
  mkdir -p "$tls"
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=Shelfcast test authority" \
    -addext basicConstraints=critical,CA:TRUE -keyout "$tls/ca.key" -out "$tls/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$tls/server.key" -out "$tls/server.csr" 2>/dev/null
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >"$tls/server.ext"
  openssl x509 -req -days 3650 -in "$tls/server.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial \
    -extfile "$tls/server.ext" -out "$tls/server.pem" 2>/dev/null
  if [ "$(id -u)" = 0 ]; then chown "$owner" "$tls/server.key"; fi
}

start() {
  mkdir -p "$1"
  data=$(cd "$1" && pwd)
  local port owner
  port=${2:-$(cat "$data/port" 2>/dev/null || "$here/free_ports.sh")}
  if [ "$(id -u)" = 0 ]; then owner=mysql; else owner=$(id -un); fi
  command -v mariadbd >/dev/null || fail "mariadbd is missing, wanted Debian's mariadb-server"
  echo "$port" >"$data/port"
  make_data_folder "$owner"
  make_certificates "$owner"
  if ! is_running; then
    rm -f "$data/mariadb.sock"
    # A session of its own: Ctrl-C in the terminal is for the tests; the one who started the server
    # stops it.
    setsid nohup mariadbd --no-defaults --user="$owner" --datadir="$data/data" --tmpdir="$data/tmp" \
      --socket="$data/mariadb.sock" --port="$port" --bind-address=127.0.0.1 --pid-file="$data/data/mariadb.pid" \
      --log-error="$data/mariadb.log" --ssl-ca="$data/tls/ca.pem" --ssl-cert="$data/tls/server.pem" \
      --ssl-key="$data/tls/server.key" --skip-name-resolve --innodb-buffer-pool-size="$buffer_pool" --innodb-log-file-size=48M \
      --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci >/dev/null 2>&1 </dev/null &
    echo $! >"$data/pid"
  fi
  for attempt in $(seq 1 300); do
    if as_administrator mariadb-admin ping >/dev/null 2>&1; then break; fi
    # setsid needs a moment to become mariadbd.
    if [ "$attempt" -gt 10 ] && ! is_running; then
      tail -20 "$data/mariadb.log" >&2
      fail "the server ended, its last words are above"
    fi
    sleep 0.1
  done
  # The tests make databases of their own, so the user's rights are not limited to one.
  as_administrator mariadb <<SQL
CREATE DATABASE IF NOT EXISTS \`$database\` CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS '$user'@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON *.* TO '$user'@'127.0.0.1' WITH GRANT OPTION;
SQL
  mariadb --no-defaults --protocol=tcp -h 127.0.0.1 -P "$port" -u "$user" "-p$password" -N -e 'SELECT 1' "$database" >/dev/null
  echo "mysql://$user:$password@127.0.0.1:$port/$database"
}

stop() {
  data=$(cd "$1" && pwd)
  local pid
  if is_running; then
    pid=$(cat "$data/pid")
    # A server that a test has frozen (SIGSTOP) would not hear TERM.
    kill -CONT "$pid" && kill "$pid"
    for _ in $(seq 1 200); do
      is_running || break
      sleep 0.1
    done
    if is_running; then kill -9 "$pid"; fi
  fi
  rm -f "$data/pid" "$data/mariadb.sock"
}

case "${1:-}" in
  start) [ $# -ge 2 ] || usage; shift; start "$@" ;;
  stop) [ $# -ge 2 ] || usage; shift; stop "$@" ;;
  *) usage ;;
esac
