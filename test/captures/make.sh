#!/bin/sh
# Makes the captures of this folder from the kernel's own TCP: two network namespaces, a pair of veth between them, dumpcap on the
# client's end, and two small programs that speak. Needs root, iproute2, python3, and dumpcap (of Wireshark).
# Usage: sh test/captures/make.sh [NAME…]
set -eu
cd "$(dirname "$0")"
C=hs-client S=hs-server

cleanup() { ip netns del $C 2>/dev/null || true; ip netns del $S 2>/dev/null || true; }
trap cleanup EXIT
trap 'exit 1' INT TERM
cleanup
ip netns add $C
ip netns add $S
ip link add hs0 netns $C type veth peer name hs0 netns $S
ip -n $C addr add 10.9.3.1/24 dev hs0
ip -n $S addr add 10.9.3.2/24 dev hs0
ip -n $C addr add fd00:9293::1/64 dev hs0 nodad
ip -n $S addr add fd00:9293::2/64 dev hs0 nodad
for n in $C $S; do
  ip -n $n link set lo up
  ip -n $n link set hs0 up
done

# capture NAME HOST: what conversation.py's NAME says, captured at the client's end.
capture() {
  name=$1 host=$2
  case " $WANTED " in *" $name "*) ;; *) [ -z "$WANTED" ] || return 0 ;; esac
  rm -f "$name.pcapng" "$name.pcapng.gz"
  ip netns exec $C dumpcap -q -i hs0 -f tcp -w "/tmp/$name.pcapng" 2>"/tmp/$name.log" &
  dumpcap=$!
  until grep -qs "^File:" "/tmp/$name.log"; do sleep 0.1; done
  ip netns exec $S timeout 20 python3 conversation.py "$name" server "$host" &
  server=$!
  sleep 0.2
  ip netns exec $C timeout 20 python3 conversation.py "$name" client "$host" || true
  wait $server || true
  sleep 0.6
  kill -INT $dumpcap
  wait $dumpcap || true
  gzip -9n <"/tmp/$name.pcapng" >"$name.pcapng.gz"
  rm "/tmp/$name.pcapng" "/tmp/$name.log"
}

WANTED=$*
capture plain 10.9.3.2
capture half-close 10.9.3.2
capture refused 10.9.3.2
capture ipv6 fd00:9293::2
capture abort 10.9.3.2
capture zero-window 10.9.3.2
capture keep-alive 10.9.3.2
capture simultaneous-close 10.9.3.2
