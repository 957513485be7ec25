#!/bin/sh
# Starts the nats-server of a node, with the users that the node's environment names: `start.sh site|region|central`.
set -eu
umask 077
cp /etc/nats/*.conf /tmp
caifs users "$1" > /tmp/users.conf
exec nats-server --config "/tmp/$1.conf"
