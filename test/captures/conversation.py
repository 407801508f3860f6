"""Both ends of each conversation that make.sh captures: conversation.py NAME client|server HOST."""
import socket
import struct
import sys
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


ACTS = {
    'plain': (plain_client, plain_server),
    'ipv6': (plain_client, plain_server),
    'half-close': (half_close_client, half_close_server),
    'refused': (refused_client, refused_server),
    'abort': (abort_client, abort_server),
    'zero-window': (zero_window_client, zero_window_server),
    'keep-alive': (keep_alive_client, keep_alive_server),
    'simultaneous-close': (lambda: simultaneous_close(connect()), lambda: simultaneous_close(accept())),
}
ACTS[name][0 if seat == 'client' else 1]()
