#!/usr/bin/env bash
# Real Apache Kafka without a container: the jars from Maven Central, nodes in KRaft mode on
# 127.0.0.1.
#
#   kafka.sh install [VERSION]             puts the jars into the cache, if they are not there;
#                                          prints their folder
#   kafka.sh start DATA [PORT] [NODES]     starts what does not run of NODES nodes (default 1) whose
#                                          clients come to PORT, PORT+1, …; waits until they answer;
#                                          prints the bootstrap servers. PORT defaults to a free
#                                          one, or to the one that DATA was started with before.
#   kafka.sh stop DATA [NODE]              ends the nodes, or that one; keeps the data
#   kafka.sh configs DATA ARGUMENT...      Kafka's tool kafka-configs, with all rights: users,
#                                          quotas, topics
#
# Needs java (17 or later) and, to install, mvn. A cluster takes PORT.. for clients, PORT+10..
# between brokers (PLAINTEXT, all rights) and PORT+20.. for controllers. Clients that come to
# PORT+30.. are told that the nodes are at PORT+40..: there is room for a proxy of their own.
# Everything of node N is under DATA/nN: server.properties, server.log, pid, data.
#
#   KAFKA_VERSION     default 4.3.1
#   KAFKA_SECURITY    listener for clients: PLAINTEXT (default) | SASL_PLAINTEXT | SASL_SSL | SSL
#                     (own CA: DATA/tls/ca.pem)
#   KAFKA_MECHANISMS  for SASL, separated by commas: PLAIN (default), SCRAM-SHA-256, SCRAM-SHA-512
#   KAFKA_USER, KAFKA_PASS   for SASL; default test_user, test_pass
#   KAFKA_NODE        start this node only (one that was killed, on its data)
#   KAFKA_HEAP        default 512m
#   KAFKA_SESSION_MS  how long a killed broker stays registered, which its restart has to wait for;
#                     default 9000, as Kafka's
#   KAFKA_EXTRA       a file of further lines for server.properties
#   SHELFCAST_CACHE   where the jars are kept; default ${XDG_CACHE_HOME:-$HOME/.cache}/shelfcast
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${KAFKA_VERSION:-4.3.1}
cache=${SHELFCAST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/shelfcast}
security=${KAFKA_SECURITY:-PLAINTEXT}
mechanisms=${KAFKA_MECHANISMS:-PLAIN}
user=${KAFKA_USER:-test_user}
password=${KAFKA_PASS:-test_pass}

fail() {
  echo "kafka.sh: $*" >&2
  exit 1
}

usage() { fail "wanted: install [VERSION] | start DATA [PORT] [NODES] | stop DATA [NODE] | configs DATA ARGUMENT..."; }

install_jars() {
  local libs=$cache/kafka-$version/libs build=$cache/kafka-$version/build.$$
  if [ ! -d "$libs" ]; then
    command -v mvn >/dev/null || fail "mvn is missing, wanted Maven to fetch Kafka $version"
    mkdir -p "$build"
    cat >"$build/pom.xml" <<XML
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>shelfcast.tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
XML
    mvn -q -B -f "$build/pom.xml" \
      org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
      -DincludeScope=runtime "-DoutputDirectory=$build/libs" >&2 || {
      rm -rf "$build"
      fail "Maven did not bring Kafka $version"
    }
    # slf4j takes one binding; the others would be chosen at random.
    rm -f "$build"/libs/slf4j-reload4j-*.jar "$build"/libs/slf4j-log4j12-*.jar "$build"/libs/log4j-slf4j-impl-*.jar
    # All or nothing, also where two install at once: the second finds the folder there and leaves
    # it.
    mv -T "$build/libs" "$libs" 2>/dev/null || [ -d "$libs" ]
    rm -rf "$build"
  fi
  echo "$libs"
}

# The node's process is there and is that node: a pid may be reused, or belong to a zombie whose
# command line is empty.
is_running() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 1
  grep -qsaF "$1/server.properties" "/proc/$pid/cmdline"
}

storage_tool() { java -Xmx256m -XX:TieredStopAtLevel=1 -cp "$libs/*" kafka.tools.StorageTool "$@"; }

make_certificates() {
  mkdir -p "$1" && cd "$1"
  openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=shelfcast-test-ca -keyout ca.key -out ca.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
  openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout broker.key -out broker.csr
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' >extensions
  openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile extensions -out broker.crt
  cat broker.key broker.crt ca.pem >broker.pem
}

secure() {
  if [[ $security == SASL_* ]]; then
    cat <<P
listener.name.$1.sasl.enabled.mechanisms=$mechanisms
listener.name.$1.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_$user="$password";
listener.name.$1.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.$1.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
P
  fi
  if [[ $security == *SSL ]]; then
    cat <<P
listener.name.$1.ssl.keystore.type=PEM
listener.name.$1.ssl.keystore.location=$data/tls/broker.pem
P
  fi
}

server_properties() {
  local node=$1 i=$(($1 - 1)) replicas=1 in_sync=1
  if [ "$count" -ge 3 ]; then replicas=3 in_sync=2; fi
  cat <<P
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
inter.broker.listener.name=INTERNAL
listeners=CLIENT://127.0.0.1:$((port + i)),INTERNAL://127.0.0.1:$((port + 10 + i)),CONTROLLER://127.0.0.1:$((port + 20 + i)),PROXIED://127.0.0.1:$((port + 30 + i))
advertised.listeners=CLIENT://127.0.0.1:$((port + i)),INTERNAL://127.0.0.1:$((port + 10 + i)),PROXIED://127.0.0.1:$((port + 40 + i))
listener.security.protocol.map=CLIENT:$security,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:$security
log.dirs=$data/n$node/data
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=$session
broker.heartbeat.interval.ms=$((session / 6 < 2000 ? session / 6 : 2000))
log.cleaner.dedupe.buffer.size=16777216
P
  local listener
  for listener in client proxied; do secure "$listener"; done
  if [ -n "${KAFKA_EXTRA:-}" ]; then cat "$KAFKA_EXTRA"; fi
}

launch() {
  local node=$1 home=$data/n$1 scram=()
  mkdir -p "$home"
  server_properties "$node" >"$home/server.properties"
  # slf4j-simple reads this from the class path, on which the node's folder comes first.
  printf 'org.slf4j.simpleLogger.%s\n' defaultLogLevel=warn showDateTime=true dateTimeFormat=HH:mm:ss.SSS \
    log.kafka.server.KafkaRaftServer=info log.org.apache.kafka.server.KafkaRaftServer=info \
    >"$home/simplelogger.properties"
  if [ ! -f "$home/data/meta.properties" ]; then
    if [[ $security == SASL_* ]]; then
      for mechanism in ${mechanisms//,/ }; do
        [ "$mechanism" = PLAIN ] || scram+=(--add-scram "$mechanism=[name=$user,password=$password]")
      done
    fi
    storage_tool format -t "$(cat "$data/cluster-id")" -c "$home/server.properties" "${scram[@]}" \
      >"$home/format.log" 2>&1 || { cat "$home/format.log" >&2; exit 1; }
  fi
  # A session of its own: Ctrl-C in the terminal is for the tests; the one who started the nodes
  # stops them.
  setsid nohup java "-Xmx${KAFKA_HEAP:-512m}" -XX:+UseSerialGC -cp "$home:$libs/*" kafka.Kafka "$home/server.properties" \
    >"$home/server.log" 2>&1 </dev/null &
  echo $! >"$home/pid"
}

wait_until_started() {
  local node=$1 home=$data/n$1
  for attempt in $(seq 1 600); do
    if grep -q 'Kafka Server started' "$home/server.log"; then return; fi
    # setsid needs a moment to become java.
    if [ "$attempt" -gt 10 ] && ! is_running "$home"; then
      tail -20 "$home/server.log" >&2
      fail "node $node ended, its last words are above"
    fi
    sleep 0.1
  done
  tail -20 "$home/server.log" >&2
  fail "node $node did not start within 60 s, its last words are above"
}

start() {
  mkdir -p "$1"
  data=$(cd "$1" && pwd)
  count=${3:-1}
  session=${KAFKA_SESSION_MS:-9000}
  libs=$(install_jars)
  local last=$((count - 1)) offsets
  mapfile -t offsets < <(for base in 0 10 20 30 40; do seq "$base" $((base + last)); done)
  port=${2:-$(cat "$data/port" 2>/dev/null || "$here/free_ports.sh" "${offsets[@]}")}
  echo "$port" >"$data/port"

  voters="" bootstrap=""
  for node in $(seq 1 "$count"); do
    voters+="${voters:+,}$node@127.0.0.1:$((port + 20 + node - 1))"
    bootstrap+="${bootstrap:+,}127.0.0.1:$((port + node - 1))"
  done
  [ -s "$data/cluster-id" ] || storage_tool random-uuid 2>/dev/null | tail -1 >"$data/cluster-id"
  if [[ $security == *SSL && ! -f $data/tls/broker.pem ]]; then
    (make_certificates "$data/tls") 2>"$data/tls.log" || { cat "$data/tls.log" >&2; exit 1; }
  fi

  local nodes
  read -ra nodes <<<"${KAFKA_NODE:-$(seq -s ' ' 1 "$count")}"
  for node in "${nodes[@]}"; do is_running "$data/n$node" || launch "$node"; done
  for node in "${nodes[@]}"; do wait_until_started "$node"; done
  echo "$bootstrap"
}

stop() {
  local data homes=() home pid pattern="n${2:-*}"
  data=$(cd "$1" && pwd)
  # shellcheck disable=SC2231 # the pattern is meant to be one
  for home in "$data"/$pattern; do
    if is_running "$home"; then
      pid=$(cat "$home/pid")
      # A node that a test has frozen (SIGSTOP) would not hear TERM.
      kill -CONT "$pid" && kill "$pid" && homes+=("$home")
    fi
  done
  for home in "${homes[@]}"; do
    for _ in $(seq 1 100); do
      is_running "$home" || break
      sleep 0.1
    done
    if is_running "$home"; then kill -9 "$(cat "$home/pid")"; fi
    rm -f "$home/pid"
  done
}

configs() {
  local libs port
  libs=$(install_jars)
  port=$(cat "$1/port")
  java -Xmx256m -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$libs/*" \
    kafka.admin.ConfigCommand --bootstrap-server "127.0.0.1:$((port + 10))" "${@:2}"
}

case "${1:-}" in
  install) version=${2:-$version} && install_jars ;;
  start) [ $# -ge 2 ] || usage; shift; start "$@" ;;
  stop) [ $# -ge 2 ] || usage; shift; stop "$@" ;;
  configs) [ $# -ge 3 ] || usage; shift; configs "$@" ;;
  *) usage ;;
esac
