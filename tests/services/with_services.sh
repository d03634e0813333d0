#!/usr/bin/env bash
# with_services.sh COMMAND [ARGUMENT...]
# Starts a Kafka, a Kafka that wants a password and a MariaDB, runs COMMAND with their addresses in
# the environment, and stops them again, whatever happens. Its exit code is that of COMMAND.
#
#   tests/services/with_services.sh deno task test
#
#   SHELFCAST_TEST_KAFKA        127.0.0.1:PORT, PLAINTEXT
#   SHELFCAST_TEST_KAFKA_SASL   127.0.0.1:PORT, SASL_SSL, PLAIN and SCRAM-SHA-256, test_user /
#                               test_pass
#   SHELFCAST_TEST_KAFKA_CA     a file: the authority that vouches for it
#   SHELFCAST_TEST_MYSQL        mysql://test_user:test_pass@127.0.0.1:PORT/lr_event_book
#
# Where COMMAND fails, the ends of the services' logs are printed. SHELFCAST_SERVICES_DIR names a
# folder for data and logs that stays (default: a temporary one that goes).
set -euo pipefail

[ $# -ge 1 ] || {
  echo "with_services.sh: wanted a command" >&2
  exit 2
}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -n "${SHELFCAST_SERVICES_DIR:-}" ]; then
  mkdir -p "$SHELFCAST_SERVICES_DIR"
  folder=$(cd "$SHELFCAST_SERVICES_DIR" && pwd)
else
  folder=$(mktemp -d)
  # MariaDB runs as another user where this runs as root.
  chmod 755 "$folder"
fi
command_pid=""

# shellcheck disable=SC2317 # called by a trap
clean_up() {
  local code=$?
  trap - EXIT
  # From here on a second Ctrl-C must not leave a server behind.
  trap '' INT TERM HUP
  if [ "$code" != 0 ] && [ "$code" -lt 128 ]; then show_logs; fi
  for service in kafka kafka_sasl; do
    if [ -d "$folder/$service" ]; then "$here/kafka.sh" stop "$folder/$service"; fi
  done
  if [ -d "$folder/mariadb" ]; then "$here/mariadb.sh" stop "$folder/mariadb"; fi
  if [ -z "${SHELFCAST_SERVICES_DIR:-}" ]; then rm -rf "$folder"; fi
  exit "$code"
}

# shellcheck disable=SC2317 # called by clean_up
show_logs() {
  local log
  for log in "$folder"/*/n*/server.log "$folder"/mariadb/mariadb.log; do
    if [ -s "$log" ]; then
      echo "--- the end of ${log#"$folder"/}" >&2
      tail -15 "$log" >&2
    fi
  done
}

# The command hears a signal that was meant for this script; the script waits for it to end.
# shellcheck disable=SC2317 # called by a trap
pass_on() {
  interrupted=$2
  if [ -n "$command_pid" ]; then kill -"$1" "$command_pid" 2>/dev/null || true; else exit "$2"; fi
}

interrupted=""
trap clean_up EXIT
trap 'pass_on INT 130' INT
trap 'pass_on TERM 143' TERM
trap 'pass_on HUP 129' HUP

"$here/kafka.sh" install >/dev/null
SHELFCAST_TEST_KAFKA=$("$here/kafka.sh" start "$folder/kafka")
SHELFCAST_TEST_KAFKA_SASL=$(KAFKA_SECURITY=SASL_SSL KAFKA_MECHANISMS=PLAIN,SCRAM-SHA-256 "$here/kafka.sh" start "$folder/kafka_sasl")
SHELFCAST_TEST_KAFKA_CA=$folder/kafka_sasl/tls/ca.pem
SHELFCAST_TEST_MYSQL=$("$here/mariadb.sh" start "$folder/mariadb")
export SHELFCAST_TEST_KAFKA SHELFCAST_TEST_KAFKA_SASL SHELFCAST_TEST_KAFKA_CA SHELFCAST_TEST_MYSQL
echo "Services: Kafka $SHELFCAST_TEST_KAFKA, with SASL $SHELFCAST_TEST_KAFKA_SASL, MariaDB ${SHELFCAST_TEST_MYSQL##*@}" >&2

# In the background, because bash runs no trap while it waits for a foreground command; with the
# terminal's input and its own SIGINT, which bash takes from background commands.
(trap - INT && exec "$@") <&0 &
command_pid=$!
code=0
wait "$command_pid" || code=$?
# A trap ends the wait early; the command may still be closing its things.
while kill -0 "$command_pid" 2>/dev/null; do wait "$command_pid" || code=$?; done
exit "${interrupted:-$code}"
