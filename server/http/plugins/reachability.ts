/** Notices when any device but this machine asks for a page. Until then a firewall may stand between the class and the server. */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import plugin from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Another device has asked for something since the start. */
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
      const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((each) => each.address) ?? [])
      reached = isIP(address) !== 0 && !own.includes(address) && !address.startsWith('127.')
    })
    done()
  },
  { name: 'reach' },
)
