#!/bin/sh
# The commands of `npm run`, inside: millrace status, millrace query users --country NZ, millrace local --once
verb=${1:?such as status, query, reconcile, dead, or local --once}
shift
case $verb in
  local) exec node /opt/millrace/local/run.ts "$@" ;;
  *) exec node "/opt/millrace/local/commands/$verb.ts" "$@" ;;
esac
