#!/usr/bin/env bash
# free_ports.sh [OFFSET...]
# Prints a port P on 127.0.0.1 such that nothing listens on P+OFFSET for any OFFSET (default: 0).
# Ports come from below Linux's ephemeral range (32768 on): an outgoing connection cannot take one
# in the meantime.
set -euo pipefail

offsets=("${@:-0}")
is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

for _ in $(seq 1 200); do
  port=$((20000 + RANDOM % 12000))
  for offset in "${offsets[@]}"; do
    is_free $((port + offset)) || continue 2
  done
  echo "$port"
  exit 0
done
echo "No free port found between 20000 and 32000" >&2
exit 1
