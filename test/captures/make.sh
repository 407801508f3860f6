#!/bin/sh
# Makes the captures of this folder from the kernel's own TCP: a network namespace for each host, a wire between them that relay.py plays,
# dumpcap on the client's end, and two small programs that speak. Needs root, iproute2, python3, openssl, and dumpcap (of Wireshark).
# Usage: sh test/captures/make.sh [NAME…]
set -eu
cd "$(dirname "$0")"
C=hs-client S=hs-server W=hs-wire

cleanup() { ip netns del $C 2>/dev/null || true; ip netns del $S 2>/dev/null || true; ip netns del $W 2>/dev/null || true; }
trap cleanup EXIT
trap 'exit 1' INT TERM

# wire direct|relayed: both hosts anew, and what is between them.
wire() {
  cleanup
  for n in $C $S $W; do ip netns add $n; done
  if [ "$1" = direct ]; then
    ip link add hs0 netns $C type veth peer name hs0 netns $S
  else
    ip link add hs0 netns $C type veth peer name client netns $W
    ip link add hs0 netns $S type veth peer name server netns $W
    ip -n $W link set client up
    ip -n $W link set server up
  fi
  ip -n $C addr add 10.9.3.1/24 dev hs0
  ip -n $S addr add 10.9.3.2/24 dev hs0
  ip -n $C addr add fd00:9293::1/64 dev hs0 nodad
  ip -n $S addr add fd00:9293::2/64 dev hs0 nodad
  for n in $C $S; do
    ip -n $n link set lo up
    ip -n $n link set hs0 up
  done
}

# capture WIRE NAME HOST: what conversation.py's NAME says, captured at the client's end.
capture() {
  name=$2 host=$3
  case " $WANTED " in *" $name "*) ;; *) [ -z "$WANTED" ] || return 0 ;; esac
  wire "$1"
  rm -f "$name.pcapng.gz"
  ip netns exec $C dumpcap -q -i hs0 -f tcp -w "/tmp/$name.pcapng" 2>"/tmp/$name.log" &
  dumpcap=$!
  until grep -qs "^File:" "/tmp/$name.log"; do sleep 0.1; done
  relay=
  if [ "$1" = relayed ]; then
    ip netns exec $W python3 relay.py "$name" client server >"/tmp/$name.relay" &
    relay=$!
    until grep -qs ready "/tmp/$name.relay"; do sleep 0.1; done
  fi
  ip netns exec $S timeout 20 python3 conversation.py "$name" server "$host" &
  server=$!
  sleep 0.2
  ip netns exec $C timeout 20 python3 conversation.py "$name" client "$host" || true
  wait $server || true
  sleep 0.6
  [ -z "$relay" ] || { kill $relay && wait $relay || true; }
  kill -INT $dumpcap
  wait $dumpcap || true
  gzip -9n <"/tmp/$name.pcapng" >"$name.pcapng.gz"
  rm -f "/tmp/$name.pcapng" "/tmp/$name.log" "/tmp/$name.relay"
}

WANTED=$*
capture direct plain 10.9.3.2
capture direct half-close 10.9.3.2
capture direct refused 10.9.3.2
capture direct ipv6 fd00:9293::2
capture direct abort 10.9.3.2
capture direct zero-window 10.9.3.2
capture direct keep-alive 10.9.3.2
capture direct simultaneous-close 10.9.3.2
capture relayed lossy 10.9.3.2
capture relayed reordered 10.9.3.2
capture relayed time-wait 10.9.3.2
capture relayed simultaneous-open 10.9.3.2
capture direct half-open 10.9.3.2
capture direct wrap-around 10.9.3.2
capture direct tls 10.9.3.2
