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
  readonly id: 'numbers' | 'bits' | 'states' | 'behaviour' | 'https'
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
        'What TCP hands to IP: a header and, often, bytes of the application.',
        'TCP 交给 IP 的数据单元：一个首部，往往还带有应用程序的若干字节。',
      ),
      createTerm(
        'byte',
        { en: 'byte, octet', zh: '字节' },
        'RFC 9293 4',
        'Eight bits. The RFCs say octet, since there were once bytes of other lengths; both mean the same here.',
        '8 位二进制数。RFC 称为 octet（八位组），因为曾经有过其他长度的 byte；这里两者含义相同。',
      ),
      createTerm(
        'seq',
        { en: 'sequence number, seq', zh: '序号 seq' },
        'RFC 9293 3.4',
        'The number of the first byte in the segment; if the SYN bit is set, the initial sequence number itself.',
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
        '一方为一个连接所记住的全部内容；在 CLOSED 状态下没有它。',
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
        'How many bytes from SND.UNA on the peer has room for.',
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
        'How many bytes from RCV.NXT on can be taken in.',
        '从 RCV.NXT 起还能接收多少字节。',
      ),
      createTerm(
        'seg-len',
        'SEG.LEN',
        'RFC 9293 3.4',
        'How many numbers a segment uses: its bytes of data, and one each for SYN and FIN.',
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
        '通告发送方从哪里开始编号；占用一个序号。',
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
        'Says that no more bytes come from this side; it uses up one number and can be lost and sent again like data.',
        '表示本方不再有数据；占用一个序号，和数据一样可能丢失、可能重传。',
      ),
      createTerm(
        'rst',
        { en: 'RST bit', zh: '复位位 RST' },
        'RFC 9293 3.5.2',
        'Says that there is no such connection at the sender, or that the sender aborts it (3.10.5); nobody answers it.',
        '表示发送方那里没有这个连接，或者发送方异常终止它（3.10.5）；对它从不应答。',
      ),
      createTerm(
        'psh',
        { en: 'PSH bit', zh: '推送位 PSH' },
        'RFC 9293 3.9.1.2',
        'Asks the receiver to hand the bytes to the application at once; no rule of the handshake depends on it.',
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
        'There is no connection; whatever arrives is answered with a RST, unless it is a RST itself: that is dropped.',
        '没有连接；到达的报文段都用 RST 应答，但 RST 本身除外，它被丢弃。',
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
        'The peer has closed; the application here may still send, until it calls CLOSE.',
        '对方已关闭；本方应用程序调用 CLOSE 之前仍可发送。',
      ),
      createTerm(
        'closing',
        'CLOSING',
        'RFC 9293 3.3.2',
        'Both FINs have crossed; its own is not acknowledged yet.',
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
        'In the RFC: one side has lost its state, and the other does not know yet. In talk of SYN floods: an entry in SYN-RECEIVED that waits for the third segment.',
        'RFC 的含义：一方已经丢失连接的状态，而另一方还不知道。谈到 SYN 洪泛攻击时的含义：处于 SYN-RECEIVED、等待第三个报文段的表项。',
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
        'What has not been acknowledged when the timer expires is sent again, with the same numbers.',
        '计时器超时仍未得到确认的内容再发送一次，序号不变。',
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
        'One lifetime until the last ACK has arrived or is gone, and one more for a FIN that was sent again just before that.',
        '先是一个寿命，最后的 ACK 在此之内或已到达，或已消失；再加一个寿命，留给在此之前重传的 FIN。',
      ),
      createTerm(
        'syn-flood',
        { en: 'SYN flood', zh: 'SYN 洪泛攻击' },
        'RFC 4987 2',
        'An attack with many SYNs that nobody completes: the server sets an entry aside for each (in the second step of the handshake), until its queue is full.',
        '发送大量 SYN 而不完成握手的攻击：服务器为每一个都分配表项（在第二次握手时），直到半开连接队列被占满。',
      ),
      createTerm(
        'keep-alive',
        { en: 'keep-alive timer', zh: '保活计时器' },
        'RFC 9293 3.8.4',
        'Probes a connection that has been idle for long, usually two hours, to find out whether the peer is still there; off by default.',
        '连接长时间空闲（通常两小时）之后发送探测报文段，以查明对方是否还在；默认不启用。',
      ),
      createTerm(
        'old-duplicate',
        { en: 'old duplicate segment', zh: '已失效的报文段' },
        'RFC 9293 3.5',
        'A segment of an earlier time, or of an earlier connection with the same addresses and ports.',
        '来自过去的报文段，或来自地址和端口都相同的以前的连接。',
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
        'A small segment sent in spite of a closed window, so that both sides do not wait for ever if the window update is lost.',
        '向已关闭的窗口发送的小报文段，使窗口重新打开的消息不会永远丢失。',
      ),
      createTerm(
        'simultaneous-open',
        { en: 'simultaneous open', zh: '同时打开' },
        'RFC 9293 3.5',
        'Both sides send a SYN before the other’s has arrived; one connection comes of it.',
        '双方在收到对方的 SYN 之前都发出了 SYN；结果只建立一个连接。',
      ),
    ],
  },
  {
    id: 'https',
    terms: [
      createTerm(
        'https',
        'HTTPS',
        'RFC 9110 4.2.2',
        'HTTP sent through TLS, by default at port 443 (HTTP alone: 80). It is no protocol of its own: requests and responses are the same.',
        '在 TLS 之上传送的 HTTP，默认端口为 443（HTTP 为 80）。它不是单独的协议：请求报文和响应报文与 HTTP 相同。',
      ),
      createTerm(
        'tls',
        { en: 'TLS, once SSL', zh: 'TLS（以前叫 SSL）' },
        'RFC 8446 1',
        'Encrypts and authenticates what an application sends over TCP. Netscape made SSL in 1994 to 1996; since 1999 it is called TLS: 1.2 of 2008, 1.3 of 2018.',
        '对应用程序经 TCP 传送的内容进行加密和鉴别。1994～1996 年 Netscape 制定了 SSL，1999 年起改称 TLS；TLS 1.2 发布于 2008 年，TLS 1.3 发布于 2018 年。',
      ),
      createTerm(
        'symmetric',
        { en: 'symmetric encryption', zh: '对称密钥加密' },
        'RFC 8446 5.2',
        'One key encrypts and decrypts, as in AES. It is fast, so it protects the data; both sides need the same key first.',
        '加密和解密使用同一个密钥，例如 AES。它速度快，用来加密数据；但双方先要有相同的密钥。',
      ),
      createTerm(
        'public-key',
        { en: 'public-key encryption', zh: '公钥加密（非对称加密）' },
        'RFC 8017 5.1',
        'What the public key encrypts only the private key decrypts, as in RSA. It is slow, so it is used once, for a short secret or a signature.',
        '用公钥加密的内容只有私钥才能解密，例如 RSA。它速度慢，所以只使用一次：传送很短的秘密，或用于签名。',
      ),
      createTerm(
        'pre-master',
        { en: 'pre-master secret', zh: '预主密钥' },
        'RFC 5246 8.1',
        'The secret that both sides share after the key exchange of TLS 1.2. The master secret and all session keys are derived from it.',
        'TLS 1.2 密钥交换之后双方共有的秘密，由它导出主密钥和各个会话密钥。',
      ),
      createTerm(
        'mac',
        { en: 'message authentication code, MAC', zh: '报文鉴别码 MAC' },
        'RFC 5246 6.2.3.1',
        'A value computed from a record and a key: a record that is changed without the key does not fit any more. Secrecy needs encryption, integrity needs this.',
        '由记录和密钥算出的值：没有密钥而改动记录，就会被发现。保密性靠加密，完整性靠它。',
      ),
      createTerm(
        'certificate',
        { en: 'digital certificate', zh: '数字证书' },
        'RFC 5280 3.1',
        'Ties a name to a public key, signed by a certification authority. So a man in the middle cannot pass off his own key for it.',
        '把域名和公钥绑定在一起，由认证中心 CA 签名。这样，中间人就不能用自己的公钥来冒充。',
      ),
      createTerm(
        'forward-secrecy',
        { en: 'forward secrecy', zh: '前向安全性' },
        'RFC 8446 E.1',
        'A private key that leaks later does not open conversations recorded before, since their secrets came from values that were deleted.',
        '私钥日后泄漏，也解不开以前录下的通信，因为当时的秘密由用完即删的值算出。',
      ),
    ],
  },
]
