/** Refuses pipelined requests. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Ends every connection that sends a request before the last one has been answered (RFC 9112 9.3.2). No browser and no common proxy does so;
 * Node.js would begin with all pipelined requests at once, hundreds in one read. To be called before other listeners are attached.
 */
export function refusePipelining(server: Server): void {
  const listeners = server.listeners('request')
  const busy = new WeakSet<Socket>()
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    if (busy.has(socket)) return void socket.destroy()
    busy.add(socket)
    response.once('close', () => busy.delete(socket))
    for (const listener of listeners) listener.call(server, request, response)
  })
}
