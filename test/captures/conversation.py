"""Both ends of each conversation that make.sh captures: conversation.py NAME client|server HOST."""
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

name, seat, host = sys.argv[1:]
family = socket.AF_INET6 if ':' in host else socket.AF_INET
PORT = 9293


def connect():
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('', 40000))
    s.connect((host, PORT))
    return s


def accept(**options):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if 'buffer' in options:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options['buffer'])
    listener.bind(('', PORT))
    listener.listen()
    s, _ = listener.accept()
    return s


def read_all(s):
    while s.recv(65536):
        pass


def plain_client():
    s = connect()
    s.sendall(b'GET / HTTP/1.0\r\n\r\n')
    read_all(s)
    s.close()


def plain_server():
    s = accept()
    s.recv(65536)
    s.sendall(b'HTTP/1.0 200 OK\r\n\r\n' + b'x' * 5000)
    s.close()


def half_close_client():
    s = connect()
    s.sendall(b'all that I have to say')
    s.shutdown(socket.SHUT_WR)
    read_all(s)
    s.close()


def half_close_server():
    s = accept()
    read_all(s)
    for _ in range(3):
        time.sleep(0.1)
        s.sendall(b'there is more ' * 20)
    s.close()


def refused_client():
    try:
        connect()
    except ConnectionRefusedError:
        pass


def refused_server():
    pass


def abort_client():
    s = connect()
    s.sendall(b'hello')
    s.recv(10)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()


def abort_server():
    s = accept()
    s.recv(10)
    s.sendall(b'hello')
    try:
        s.recv(10)
    except ConnectionResetError:
        pass


def zero_window_client():
    s = connect()
    s.sendall(b'z' * 60000)
    s.close()


def zero_window_server():
    s = accept(buffer=4096)
    time.sleep(2)
    read_all(s)
    s.close()


def keep_alive_client():
    s = connect()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    s.sendall(b'are you there?')
    time.sleep(2.5)
    s.close()


def keep_alive_server():
    s = accept()
    read_all(s)
    s.close()


def simultaneous_close(s):
    s.sendall(b'time to go')
    s.recv(100)
    time.sleep(1 - time.time() % 1)
    s.close()
    time.sleep(0.5)


def steps_client():
    """Data in several segments, one after another."""
    s = connect()
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for i in range(6):
        s.sendall(bytes([65 + i]) * 100)
        time.sleep(0.02)
    s.shutdown(socket.SHUT_WR)
    read_all(s)
    s.close()


def steps_server():
    s = accept()
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    read_all(s)
    for i in range(4):
        s.sendall(bytes([97 + i]) * 120)
        time.sleep(0.02)
    s.close()


def close_first_client():
    s = connect()
    s.sendall(b'bye')
    s.shutdown(socket.SHUT_WR)
    read_all(s)
    s.close()
    time.sleep(1)


def simultaneous_open():
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('', 40000 if seat == 'client' else PORT))
    s.connect((host if seat == 'client' else '10.9.3.1', PORT if seat == 'client' else 40000))
    s.sendall(b'hello')
    s.recv(100)
    time.sleep(0.3)
    if seat == 'client':
        s.close()
        time.sleep(0.3)
    else:
        s.recv(100)
        s.close()


TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21


def repair(s, on):
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1 if on else -1)


def half_open_client():
    s = connect()
    s.sendall(b'then the host forgets all')
    s.recv(100)
    # What is closed under repair is gone without a word, as after a crash.
    repair(s, True)
    s.close()
    time.sleep(0.2)
    s = connect()
    s.sendall(b'a new connection')
    s.close()


def half_open_server():
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('', PORT))
    listener.listen()
    s, _ = listener.accept()
    s.recv(100)
    s.sendall(b'noted')
    s, _ = listener.accept()
    read_all(s)
    s.close()


def wrap_around_client():
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('', 40000))
    # The initial sequence number, 150 before 2^32.
    repair(s, True)
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, 2)
    s.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack('I', 2**32 - 150))
    repair(s, False)
    s.connect((host, PORT))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for i in range(4):
        s.sendall(bytes([65 + i]) * 100)
        time.sleep(0.02)
    s.shutdown(socket.SHUT_WR)
    read_all(s)
    s.close()


def tls_client():
    s = connect()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with context.wrap_socket(s) as secured:
        secured.sendall(b'GET / HTTP/1.0\r\n\r\n')
        read_all(secured)


def tls_server():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f'{folder}/key.pem', f'{folder}/certificate.pem'
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
            + ['-subj', '/CN=example.org', '-keyout', key, '-out', certificate],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        context.load_cert_chain(certificate, key)
    with context.wrap_socket(accept(), server_side=True) as secured:
        secured.recv(100)
        secured.sendall(b'HTTP/1.0 200 OK\r\n\r\nhello')


ACTS = {
    'plain': (plain_client, plain_server),
    'ipv6': (plain_client, plain_server),
    'half-close': (half_close_client, half_close_server),
    'refused': (refused_client, refused_server),
    'abort': (abort_client, abort_server),
    'zero-window': (zero_window_client, zero_window_server),
    'keep-alive': (keep_alive_client, keep_alive_server),
    'simultaneous-close': (lambda: simultaneous_close(connect()), lambda: simultaneous_close(accept())),
    'lossy': (steps_client, steps_server),
    'reordered': (steps_client, steps_server),
    'time-wait': (close_first_client, steps_server),
    'simultaneous-open': (simultaneous_open, simultaneous_open),
    'half-open': (half_open_client, half_open_server),
    'wrap-around': (wrap_around_client, steps_server),
    'tls': (tls_client, tls_server),
}
ACTS[name][0 if seat == 'client' else 1]()
