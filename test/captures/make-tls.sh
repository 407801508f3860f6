#!/bin/sh
# Makes the captures in tls/ from OpenSSL's s_client and s_server, each with its key log: dumpcap listens on the loopback of a network namespace
# of their own. Needs root, iproute2, openssl 3, and dumpcap (of Wireshark). Usage: sh test/captures/make-tls.sh [NAME…]
set -eu
cd "$(dirname "$0")/tls"
N=hs-tls
T=$(mktemp -d)

cleanup() { ip netns del $N 2>/dev/null || true; rm -rf "$T"; }
trap cleanup EXIT
trap 'exit 1' INT TERM
ip netns add $N
ip -n $N link set lo up

# certificate NAME ISSUER: one that ISSUER has signed, or NAME itself.
certificate() {
  openssl genrsa -out "$T/$1.key" 2048 2>/dev/null
  openssl req -new -key "$T/$1.key" -subj "/CN=$1" -out "$T/$1.csr"
  if [ "$1" = "$2" ]; then
    openssl x509 -req -in "$T/$1.csr" -signkey "$T/$1.key" -days 3650 -out "$T/$1.pem" 2>/dev/null
  else
    openssl x509 -req -in "$T/$1.csr" -CA "$T/$2.pem" -CAkey "$T/$2.key" -CAcreateserial -days 3650 -out "$T/$1.pem" 2>/dev/null
  fi
}
certificate authority authority
certificate server authority
certificate client authority

# says TEXT…: a line each, then the client closes.
says() {
  for line; do sleep 0.3; printf '%s\n' "$line"; done
  sleep 0.3
  printf 'Q\n'
}

# capture NAME "SERVER OPTIONS" "CLIENT OPTIONS" ["OPTIONS OF A SECOND CLIENT"]: what LINES say.
capture() {
  name=$1 server=$2
  case " $WANTED " in *" $name "*) ;; *) [ -z "$WANTED" ] || return 0 ;; esac
  ip netns exec $N dumpcap -q -i lo -f tcp -w "$T/$name.pcapng" 2>"$T/dumpcap.log" &
  dumpcap=$!
  until grep -qs "^File:" "$T/dumpcap.log"; do sleep 0.1; done
  ip netns exec $N timeout 20 openssl s_server -accept 127.0.0.1:4433 -cert "$T/server.pem" -key "$T/server.key" \
    -CAfile "$T/authority.pem" $ANSWER $server <"$T/silence" >"$T/server.log" 2>&1 &
  process=$!
  sleep 0.3
  shift 2
  : >"$name.keys"
  for client; do
    says $LINES | ip netns exec $N timeout 20 openssl s_client -connect 127.0.0.1:4433 -servername server -CAfile "$T/authority.pem" \
      -keylogfile "$name.keys" $client >"$T/client.log" 2>&1 || true
    sleep 0.3
  done
  kill $process
  wait $process || true
  kill -INT $dumpcap
  wait $dumpcap || true
  gzip -9n <"$T/$name.pcapng" >"$name.pcapng.gz"
  rm -f "$T/dumpcap.log" "$T/server.log"
}

WANTED=$*
SESSION="$T/session.pem"
printf 'early' >"$T/early"
mkfifo "$T/silence"
sleep 600 >"$T/silence" &
silence=$!
ANSWER=-rev LINES=hello
capture 1.2-rsa "-tls1_2 -cipher AES128-SHA" "-tls1_2 -cipher AES128-SHA"
capture 1.2-mac-then-encrypt "-tls1_2 -cipher ECDHE-RSA-AES256-SHA384" "-tls1_2 -cipher ECDHE-RSA-AES256-SHA384 -no_etm"
capture 1.2-ecdhe "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256" "-tls1_2"
capture 1.2-chacha "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305" "-tls1_2"
capture 1.2-resumed "-tls1_2" "-tls1_2 -sess_out $SESSION" "-tls1_2 -sess_in $SESSION"
capture 1.2-resumed-by-id "-tls1_2 -no_ticket" "-tls1_2 -sess_out $SESSION" "-tls1_2 -sess_in $SESSION"
capture 1.2-client-certificate "-tls1_2 -Verify 1" "-tls1_2 -cert $T/client.pem -key $T/client.key"
capture 1.2-no-client-certificate "-tls1_2 -verify 1" "-tls1_2"
capture 1.2-unknown-issuer "-tls1_2" "-tls1_2 -verify_return_error -CAfile $T/client.pem"
capture 1.2-no-common-suite "-tls1_2 -cipher AES128-SHA" "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256"
capture 1.3 "-tls1_3" ""
capture 1.3-chacha "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256" ""
capture 1.3-resumed "-tls1_3" "-sess_out $SESSION" "-sess_in $SESSION"
ANSWER=
capture 1.3-early-data "-tls1_3 -early_data -max_early_data 64" "-sess_out $SESSION" "-sess_in $SESSION -early_data $T/early"
ANSWER=-rev
capture 1.3-retry "-tls1_3 -groups P-256" "-groups X25519:P-256"
capture 1.3-client-certificate "-tls1_3 -Verify 1" "-cert $T/client.pem -key $T/client.key"
capture 1.3-unknown-issuer "-tls1_3" "-verify_return_error -CAfile $T/client.pem"
LINES="hello R hello"
capture 1.2-renegotiation "-tls1_2 -client_renegotiation" "-tls1_2"
LINES="hello K hello k hello"
capture 1.3-key-update "-tls1_3" ""
# Authentication after the handshake: the command c of a server without -rev.
ANSWER= LINES="hello hello hello hello hello hello hello hello"
{ sleep 2; printf 'c\n' >"$T/silence"; } &
capture 1.3-post-handshake "-tls1_3" "-enable_pha -cert $T/client.pem -key $T/client.key"
kill $silence
