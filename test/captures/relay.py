"""The wire between the two hosts of make.sh: relay.py NAME CLIENT_DEVICE SERVER_DEVICE. It loses and holds what NAME says, and passes on the rest."""
import select
import socket
import struct
import sys

name, *devices = sys.argv[1:]
FIN, SYN, RST, ACK = 1, 2, 4, 16


def opened(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((device, 0))
    return s


client, server = (opened(device) for device in devices)


class Segment:
    """The TCP segment of a frame over IPv4; `tcp` is None where it holds none."""

    def __init__(self, frame):
        self.frame = bytearray(frame)
        self.tcp = None
        if frame[12:14] == b'\x08\x00' and frame[23] == 6:
            self.ip = 14
            self.end = 14 + struct.unpack('!H', frame[16:18])[0]
            self.tcp = 14 + (frame[14] & 15) * 4
            self.bits = frame[self.tcp + 13]
            self.length = self.end - self.tcp - (frame[self.tcp + 12] >> 4) * 4
            self.checksum()

    def checksum(self):
        """A host leaves its checksums to the network card, and here is none."""
        f, t, e = self.frame, self.tcp, self.end
        f[t + 16 : t + 18] = b'\0\0'
        data = bytes(f[26:34]) + struct.pack('!HH', 6, e - t) + bytes(f[t:e]) + b'\0' * ((e - t) % 2)
        total = sum(struct.unpack(f'!{len(data) // 2}H', data))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        f[t + 16 : t + 18] = struct.pack('!H', ~total & 0xFFFF)


seen = {}


def nth(what):
    seen[what] = seen.get(what, 0) + 1
    return seen[what]


def lossy(side, s):
    """The client's second data is lost, and the server's second data, and its third ACK."""
    if side == 'client' and s.length > 0:
        return [] if nth('data') == 2 else [s]
    if side == 'server' and s.length > 0:
        return [] if nth('answer') == 2 else [s]
    return [s]


def reordered(side, s):
    """The client's second data is overtaken by the third."""
    global held
    if side == 'client' and s.length > 0:
        count = nth('data')
        if count == 2:
            held = s
            return []
        if count == 3:
            return [s, held]
    return [s]


def time_wait(side, s):
    """The client's ACK of the server's FIN is lost once."""
    if side == 'server' and s.bits & FIN:
        seen['fin'] = True
    elif side == 'client' and seen.get('fin') and s.bits == ACK and s.length == 0 and nth('last') == 1:
        return []
    return [s]


waiting = []


def simultaneous_open(side, s):
    """The SYNs wait for each other."""
    if s.bits == SYN and not seen.get('crossed'):
        waiting.append((side, s))
        if {who for who, _ in waiting} == {'client', 'server'}:
            seen['crossed'] = True
            for who, syn in waiting:
                (server if who == 'client' else client).send(syn.frame)
        return []
    return [s]


ACTS = {'lossy': lossy, 'reordered': reordered, 'time-wait': time_wait, 'simultaneous-open': simultaneous_open}
act = ACTS.get(name, lambda side, s: [s])
print('ready', flush=True)
while True:
    for ready in select.select([client, server], [], [])[0]:
        frame, address = ready.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        side, other = ('client', server) if ready is client else ('server', client)
        segment = Segment(frame)
        for out in act(side, segment) if segment.tcp else [segment]:
            other.send(out.frame)
