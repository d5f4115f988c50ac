#!/bin/sh
# Who may do what at Kafka, for clients that show a token. It may run again; README.md beside it says why each rule is there.
set -eu

usage() {
  cat <<'HELP'
acls.sh system SYSTEM                     its inbox, the answers to what was refused there, groups that begin with SYSTEM.
acls.sh subscription SUBSCRIPTION SYSTEM  the topic of a subscription, for the system that owns it
acls.sh service SERVICE                   one of our own services that shows a token (KAFKA_CLIENT_ID=SERVICE):
                                          departments, data-catalog, exchange, case-routing or audit
acls.sh topics CLIENT                     who applies topics.yaml with a token (tools/topics-apply.ts)

  --remove after these takes the rules back.

BROKER          host:port of a broker
KAFKA_ACLS      Kafka's command, unless it is `kafka-acls.sh`
COMMAND_CONFIG  file with the settings of a client that may change rules, where BROKER asks who it is
HELP
}

fail() {
  echo "acls.sh: $1; see acls.sh --help" >&2
  exit 64
}

rules() {
  # shellcheck disable=SC2086 # neither has spaces in it, or both are to be several words
  ${KAFKA_ACLS:-kafka-acls.sh} --bootstrap-server "$BROKER" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
    $change --allow-principal "User:$principal" "$@"
}
prefixed='--resource-pattern-type prefixed'

system() {
  rules --operation Write --operation Describe --topic "inbox.$principal"
  rules --operation Read --operation Describe --topic "inbox.$principal.rejected"
  rules --operation Read --group "$principal." $prefixed
}

service() {
  case $principal in
    departments) writes=departments.registry reads=departments.registry ;;
    data-catalog) writes=catalog.registry reads='departments.registry catalog.registry exchange.events' ;;
    exchange) writes='bus.events exchange.events' reads='departments.registry catalog.registry bus.events' ;;
    case-routing) writes=cases.events reads='departments.registry catalog.registry' ;;
    audit) writes= reads='departments.registry audit.entries' ;;
    *) fail "\`$principal\` is no service" ;;
  esac
  rules --operation Write --operation Describe $(printf -- '--topic %s ' audit.entries $writes)
  [ -z "$reads" ] || rules --operation Read --operation Describe $(printf -- '--topic %s ' $reads)
  rules --operation Read --operation Delete --group "$principal." $prefixed
  [ "$principal" != exchange ] ||
    rules --operation Create --operation Delete --operation DescribeConfigs --operation Describe --operation Read \
      --operation Write --topic inbox. --topic share. $prefixed
}

topics() {
  listed=$(sed -n '/^topics:/,$ s/^  \([^ :]*\):$/--topic \1/p' "$(dirname "$0")/../topics.yaml")
  # shellcheck disable=SC2086 # to be several words
  rules --operation Create --operation Alter --operation AlterConfigs --operation Describe --operation DescribeConfigs \
    $listed
}

[ "${1:-}" != --help ] || { usage; exit 0; }
change=--add
for last; do :; done
[ "${last:-}" != --remove ] || change='--remove --force'
[ -n "${BROKER:-}" ] || fail 'BROKER is missing'
case "${1:-}:$#:$change" in
  system:2:--add | system:3:--remove*) principal=$2 && system ;;
  subscription:3:--add | subscription:4:--remove*)
    principal=$3
    rules --operation Read --operation Describe --topic "share.$2"
    ;;
  service:2:--add | service:3:--remove*) principal=$2 && service ;;
  topics:2:--add | topics:3:--remove*) principal=$2 && topics ;;
  *) fail 'what is given is not understood' ;;
esac
