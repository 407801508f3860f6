/** The terms of the RFCs, one sentence each, with the section that defines them. */
import type { LocalizedText } from '../../../protocol/round/model/exercise.ts'

export interface Term {
  /** Also the anchor in the address: `/glossary#snd-una`. */
  readonly id: string
  readonly name: LocalizedText
  readonly text: LocalizedText
  /** In the form `RFC 9293 3.3.1`. */
  readonly source: string
}

export interface TermGroup {
  readonly id: 'numbers' | 'bits' | 'states' | 'behaviour'
  readonly terms: readonly Term[]
}

const createTerm = (id: string, name: string | LocalizedText, source: string, en: string, zh: string): Term => ({
  id,
  name: typeof name === 'string' ? { en: name, zh: name } : name,
  text: { en, zh },
  source,
})

export const TERM_GROUPS: readonly TermGroup[] = [
  {
    id: 'numbers',
    terms: [
      createTerm(
        'segment',
        { en: 'segment', zh: '报文段' },
        'RFC 9293 3.1',
        'What TCP hands to IP: a header and, often, octets of the application.',
        'TCP 交给 IP 的数据单元：一个首部，往往还带有应用程序的若干字节。',
      ),
      createTerm(
        'seq',
        { en: 'sequence number, seq', zh: '序号 seq' },
        'RFC 9293 3.4',
        'The number of the first octet in the segment; if the SYN bit is set, the initial sequence number itself.',
        '报文段中第一个字节的编号；SYN 位为 1 时就是初始序号本身。',
      ),
      createTerm(
        'ack',
        { en: 'acknowledgment number, ack', zh: '确认号 ack' },
        'RFC 9293 3.4',
        'The next sequence number that the sender of the segment expects to receive; it counts only with the ACK bit set.',
        '发送方期望收到的下一个序号；只有 ACK 位为 1 时才有效。',
      ),
      createTerm(
        'isn',
        { en: 'initial sequence number, ISN', zh: '初始序号 ISN' },
        'RFC 9293 3.4.1',
        'Where one direction begins to count; each side chooses its own, hard to guess and different from connection to connection.',
        '一个方向开始编号的起点；双方各选各的，难以猜测，每次连接都不同。',
      ),
      createTerm(
        'iss',
        'ISS',
        'RFC 9293 3.3.1',
        'The initial sequence number that this side has chosen to send with.',
        '本方选定、用于发送的初始序号。',
      ),
      createTerm(
        'irs',
        'IRS',
        'RFC 9293 3.3.1',
        'The initial sequence number that has arrived with the peer’s SYN.',
        '随对方的 SYN 到达的初始序号。',
      ),
      createTerm(
        'tcb',
        { en: 'transmission control block, TCB', zh: '传输控制块 TCB' },
        'RFC 9293 3.3.1',
        'What one side remembers of one connection; in CLOSED there is none.',
        '一方为一条连接所记住的全部内容；在 CLOSED 状态下没有它。',
      ),
      createTerm(
        'snd-una',
        'SND.UNA',
        'RFC 9293 3.3.1',
        'The oldest number sent that has not been acknowledged.',
        '已发送而尚未被确认的最小序号。',
      ),
      createTerm(
        'snd-nxt',
        'SND.NXT',
        'RFC 9293 3.3.1',
        'The next number that will be used for something new.',
        '下一次发送新内容时要用的序号。',
      ),
      createTerm(
        'snd-wnd',
        'SND.WND',
        'RFC 9293 3.3.1',
        'How many octets from SND.UNA on the peer has room for.',
        '对方从 SND.UNA 起还能接收多少字节。',
      ),
      createTerm(
        'rcv-nxt',
        'RCV.NXT',
        'RFC 9293 3.3.1',
        'The next number expected from the peer: what goes into ack.',
        '期望对方发来的下一个序号，也就是填入确认号 ack 的值。',
      ),
      createTerm(
        'rcv-wnd',
        'RCV.WND',
        'RFC 9293 3.3.1',
        'How many octets from RCV.NXT on can be taken in.',
        '从 RCV.NXT 起还能接收多少字节。',
      ),
      createTerm(
        'seg-len',
        'SEG.LEN',
        'RFC 9293 3.4',
        'How many numbers a segment uses: its octets of data, and one each for SYN and FIN.',
        '报文段占用的序号个数：数据的字节数，SYN 和 FIN 各再占一个。',
      ),
      createTerm(
        'window',
        { en: 'window', zh: '窗口' },
        'RFC 9293 3.8.6',
        'The numbers that may be in transit now; the receiver sets it with every segment.',
        '此刻允许在途的序号范围；接收方在每个报文段里给出它。',
      ),
    ],
  },
  {
    id: 'bits',
    terms: [
      createTerm(
        'syn',
        { en: 'SYN bit', zh: '同步位 SYN' },
        'RFC 9293 3.1',
        'Announces where the sender begins to count; it uses up one number.',
        '宣布发送方从哪里开始编号；占用一个序号。',
      ),
      createTerm(
        'ack-bit',
        { en: 'ACK bit', zh: '确认位 ACK' },
        'RFC 9293 3.1',
        'Says that ack means something; set on every segment after the first SYN, except on some resets.',
        '表示确认号有效；除第一个 SYN 和某些复位报文段外，每个报文段都要置 1。',
      ),
      createTerm(
        'fin',
        { en: 'FIN bit', zh: '终止位 FIN' },
        'RFC 9293 3.6',
        'Says that no more octets come from this side; it uses up one number and can be lost and sent again like data.',
        '表示本方不再有数据；占用一个序号，和数据一样可能丢失、可能重传。',
      ),
      createTerm(
        'rst',
        { en: 'RST bit', zh: '复位位 RST' },
        'RFC 9293 3.5.2',
        'Says that the connection does not exist for the sender; nobody answers it.',
        '表示这条连接在发送方那里不存在；它不会得到任何应答。',
      ),
      createTerm(
        'psh',
        { en: 'PSH bit', zh: '推送位 PSH' },
        'RFC 9293 3.9.1.2',
        'Asks the receiver to hand the octets to the application at once; no rule of the handshake depends on it.',
        '请接收方立即把数据交给应用程序；握手的任何规则都与它无关。',
      ),
    ],
  },
  {
    id: 'states',
    terms: [
      createTerm(
        'closed',
        'CLOSED',
        'RFC 9293 3.3.2',
        'There is no connection; whatever arrives is answered with a reset.',
        '没有连接；到达的报文段一律以复位应答。',
      ),
      createTerm('listen', 'LISTEN', 'RFC 9293 3.3.2', 'Waits for a SYN from anyone.', '等待任何一方发来的 SYN。'),
      createTerm(
        'syn-sent',
        'SYN-SENT',
        'RFC 9293 3.3.2',
        'Its SYN has left, and the peer’s has not arrived.',
        '自己的 SYN 已发出，对方的 SYN 还没有到。',
      ),
      createTerm(
        'syn-received',
        'SYN-RECEIVED',
        'RFC 9293 3.3.2',
        'Both SYNs are known here; its own has not been acknowledged.',
        '双方的 SYN 本方都已知道；自己的 SYN 还没有得到确认。',
      ),
      createTerm(
        'established',
        'ESTABLISHED',
        'RFC 9293 3.3.2',
        'The open connection: data flows both ways.',
        '连接已经建立：数据可以双向流动。',
      ),
      createTerm(
        'fin-wait-1',
        'FIN-WAIT-1',
        'RFC 9293 3.3.2',
        'Its FIN has left and is not acknowledged; data may still arrive.',
        '自己的 FIN 已发出，还没有得到确认；数据仍可能到达。',
      ),
      createTerm(
        'fin-wait-2',
        'FIN-WAIT-2',
        'RFC 9293 3.3.2',
        'Its FIN is acknowledged; it waits for the peer’s, and takes in data until then.',
        '自己的 FIN 已被确认；等待对方的 FIN，在此之前照常接收数据。',
      ),
      createTerm(
        'close-wait',
        'CLOSE-WAIT',
        'RFC 9293 3.3.2',
        'The peer has closed; the own application may still send, until it calls CLOSE.',
        '对方已关闭；本方应用程序调用 CLOSE 之前仍可发送。',
      ),
      createTerm(
        'closing',
        'CLOSING',
        'RFC 9293 3.3.2',
        'Both FINs have crossed; the own one is not acknowledged yet.',
        '双方的 FIN 在途中交错；自己的 FIN 还没有得到确认。',
      ),
      createTerm(
        'last-ack',
        'LAST-ACK',
        'RFC 9293 3.3.2',
        'Closed second: it waits for the acknowledgment of its FIN and for nothing else.',
        '后关闭的一方：只等自己的 FIN 得到确认。',
      ),
      createTerm(
        'time-wait',
        'TIME-WAIT',
        'RFC 9293 3.6.1',
        'Closed first: for 2MSL it answers a FIN that comes again, and lets old segments die.',
        '先关闭的一方：在 2MSL 内应答重传来的 FIN，并让旧报文段从网络中消失。',
      ),
    ],
  },
  {
    id: 'behaviour',
    terms: [
      createTerm(
        'passive-open',
        { en: 'passive OPEN', zh: '被动打开' },
        'RFC 9293 3.10.1',
        'The application is ready to be called; nothing is sent.',
        '应用程序准备好接受连接；什么也不发送。',
      ),
      createTerm(
        'active-open',
        { en: 'active OPEN', zh: '主动打开' },
        'RFC 9293 3.10.1',
        'The application wants a connection; a SYN is sent.',
        '应用程序要建立连接；发出一个 SYN。',
      ),
      createTerm(
        'half-open',
        { en: 'half-open connection', zh: '半开连接' },
        'RFC 9293 3.5.1',
        'One side has lost its memory of the connection, and the other does not know yet.',
        '一方已经丢失这条连接的记忆，而另一方还不知道。',
      ),
      createTerm(
        'half-close',
        { en: 'half-close', zh: '半关闭' },
        'RFC 9293 3.6.1',
        'One direction is closed and the other still carries data.',
        '一个方向已经关闭，另一个方向仍在传送数据。',
      ),
      createTerm(
        'retransmission',
        { en: 'retransmission', zh: '重传' },
        'RFC 9293 3.8.1',
        'What has not been acknowledged when the timer goes off is sent again, with the same numbers.',
        '计时器到时仍未得到确认的内容再发一次，序号不变。',
      ),
      createTerm(
        'rto',
        { en: 'retransmission timeout, RTO', zh: '超时重传时间 RTO' },
        'RFC 6298 2',
        'How long to wait for an acknowledgment; it comes from measured round trips and doubles each time.',
        '等待确认的时间；由测得的往返时间算出，每次超时加倍。',
      ),
      createTerm(
        'msl',
        { en: 'maximum segment lifetime, MSL', zh: '最长报文段寿命 MSL' },
        'RFC 9293 3.4.2',
        'How long a segment can stay in the network at most; the RFC takes two minutes. It is no retransmission timeout.',
        '报文段在网络中最多能存活多久；RFC 取两分钟。它不是超时重传时间。',
      ),
      createTerm(
        '2msl',
        '2MSL',
        'RFC 9293 3.6.1',
        'One lifetime for the last ACK, which may be lost at its very end, and one for the FIN that then comes again.',
        '一个寿命给可能在最后一刻丢失的末尾 ACK，另一个寿命给随后重传来的 FIN。',
      ),
      createTerm(
        'old-duplicate',
        { en: 'old duplicate segment', zh: '已失效的报文段' },
        'RFC 9293 3.5',
        'A segment of an earlier time, or of an earlier connection with the same addresses and ports.',
        '来自过去的报文段，或来自地址和端口都相同的先前连接。',
      ),
      createTerm(
        'challenge-ack',
        { en: 'challenge ACK', zh: '质询确认' },
        'RFC 5961 3',
        'An ACK that asks "do you mean it?": only the real peer can answer with the exact number.',
        '一个意为“你当真吗”的 ACK：只有真正的对方才能用准确的序号回答。',
      ),
      createTerm(
        'cumulative',
        { en: 'cumulative acknowledgment', zh: '累积确认' },
        'RFC 9293 3.4',
        'An ack speaks for everything before it: it never jumps over a gap.',
        '确认号涵盖它之前的一切，因此绝不会越过缺口。',
      ),
      createTerm(
        'zero-window',
        { en: 'zero-window probe', zh: '零窗口探测报文段' },
        'RFC 9293 3.8.6.1',
        'A small segment into a closed window, so that the news of its opening cannot be lost for good.',
        '向已关闭的窗口发送的小报文段，使窗口重新打开的消息不会永远丢失。',
      ),
      createTerm(
        'simultaneous-open',
        { en: 'simultaneous open', zh: '同时打开' },
        'RFC 9293 3.5',
        'Both sides send a SYN before the other’s has arrived; one connection comes of it.',
        '双方在收到对方的 SYN 之前都发出了 SYN；结果只建立一条连接。',
      ),
    ],
  },
]
