/**
 * Limits what one client can leave pending: connections, requests that are being handled, and answers that it does not read. Node.js
 * itself limits none of these in number.
 */
import type { Socket } from 'node:net'
import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { ApiError } from '../../base/api-error.ts'
import type { ProxyTest } from '../../base/client-address.ts'
import { Counts } from '../../base/counts.ts'
import type { HttpLimits } from '../../base/limits.ts'
import type { After } from '../../base/timer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Throws `too-many` if the client's address has left so much unread that a long answer need not be made. */
    refuseUnread(request: FastifyRequest): void
  }
}

export interface PendingLimitsOptions {
  readonly limits: HttpLimits
  /** Whether a peer is a trusted proxy. */
  readonly isProxy: ProxyTest
  readonly after: After
}

/** Bytes. Shorter answers are always sent, and are sent before they could wait for the client. */
const SHORT_ANSWER_BYTES = 16 * 1024

export const pendingLimits = plugin<PendingLimitsOptions>(
  (app, { limits, isProxy, after }, done) => {
    const { maxConnectionsPerPeer, maxRequestsPerAddress, maxUnsentBytes, maxSendMs } = limits
    const connectionsOfPeer = new Counts()
    const requestsOfAddress = new Counts()
    const unsentOfAddress = new Counts()
    let unsentOfNode = 0

    app.server.on('connection', (socket: Socket) => {
      const { remoteAddress } = socket
      if (remoteAddress === undefined) return socket.destroy() // it has been closed already
      if (isProxy(remoteAddress)) return
      const peer = normalizeIP(remoteAddress)
      if (connectionsOfPeer.get(peer) >= maxConnectionsPerPeer) return socket.destroy()
      connectionsOfPeer.add(peer, 1)
      socket.once('close', () => connectionsOfPeer.add(peer, -1))
    })

    const refuseUnread = ({ ip }: FastifyRequest) => {
      if (unsentOfAddress.get(normalizeIP(ip)) > maxUnsentBytes.address / 2)
        throw tooManyError('Earlier answers have not been read yet.')
    }
    app.decorate('refuseUnread', refuseUnread)

    app.addHook('onRequest', async (request, { raw }) => {
      const { ip } = request
      const address = normalizeIP(ip)
      if (requestsOfAddress.get(address) >= maxRequestsPerAddress) throw tooManyError('Too many requests at once.')
      requestsOfAddress.add(address, 1)
      raw.once('close', () => requestsOfAddress.add(address, -1))
    })

    app.addHook('onSend', async ({ ip }, { raw }, payload) => {
      const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0 // files are read as they are sent
      if (bytes <= SHORT_ANSWER_BYTES) return payload
      const address = normalizeIP(ip)
      if (unsentOfAddress.get(address) + bytes > maxUnsentBytes.address || unsentOfNode + bytes > maxUnsentBytes.node)
        throw tooManyError('Earlier answers have not been read yet.')
      unsentOfAddress.add(address, bytes)
      unsentOfNode += bytes
      const cancelTimeout = after(maxSendMs, () => raw.socket?.destroy())
      raw.once('close', () => {
        cancelTimeout()
        unsentOfAddress.add(address, -bytes)
        unsentOfNode -= bytes
      })
      return payload
    })
    done()
  },
  { name: 'pending-limits', dependencies: ['failures'] },
)

const tooManyError = (detail: string) => new ApiError('too-many', detail, { retryAfter: 1 })
