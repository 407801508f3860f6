/** Detects the first request from a device other than this machine. Until then, a firewall may be blocking the class. */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import plugin from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether another device has sent a request since the start. */
    reached(): boolean
  }
}

export const reachability = plugin(
  (app, _options, done) => {
    let reached = false
    app.decorate('reached', () => reached)

    app.addHook('onRequest', async ({ ip }) => {
      if (reached) return
      const address = ip.replace(/^::ffff:/, '')
      if (isIP(address) === 0 || address.startsWith('127.')) return
      const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((each) => each.address) ?? [])
      reached = !own.includes(address)
    })
    done()
  },
  { name: 'reach' },
)
