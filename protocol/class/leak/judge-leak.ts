/** The judge of the leak. What a key opens is computed from the recorded octets, then and there, as any eavesdropper would. */
import { decodeUtf8, fromHex, toHex } from '../../octets.ts'
import type { Reason } from '../../round/model/verdict.ts'
import type { TlsTools } from '../../round/rules/tls-end.ts'
import { CONTENT_TYPE } from '../../tls/format/codec.ts'
import { readRecord } from '../../tls/format/records.ts'
import { decodePrivateKey } from '../../tls/keys/certificate.ts'
import { eavesdrop } from '../../tls/watch/eavesdrop.ts'
import { type ActivityActor, type ActivityJudgement, SYSTEM, TEACHER } from '../activity.ts'
import type { LeakAction, LeakEffect, LeakWorld, Recording } from './leak-world.ts'

type Judgement = ActivityJudgement<LeakEffect>

const accept = (effects: readonly LeakEffect[]): Judgement => ({ verdict: { outcome: 'accepted', findings: [] }, effects })
const bar = (reason: Reason): Judgement => ({ verdict: { outcome: 'barred', findings: [], reason }, effects: [] })

export function judgeLeak(world: LeakWorld, actor: ActivityActor, action: LeakAction, tools: TlsTools): Judgement {
  switch (action.kind) {
    case 'record': {
      const { recording } = action
      if (actor !== SYSTEM) return bar('not-yours')
      if (world.recordings.some(({ round, scene }) => round === recording.round && scene === recording.scene))
        return bar('already-called')
      const sealed = findSealedRequest(recording)
      if (sealed === null) return bar('not-wanted')
      const tried = world.leaked ? [tryLeakedKey(recording, world.recordings.length, tools)] : []
      return accept([{ kind: 'recorded', recording, sealed }, ...tried])
    }
    case 'leak':
      if (actor !== TEACHER) return bar('not-yours')
      if (world.leaked) return bar('already-called')
      return accept([{ kind: 'leaked' }, ...world.recordings.map((recording, i) => tryLeakedKey(recording, i, tools))])
  }
}

/** The last protected record of the client that carries application data, in hexadecimal; null if it has sent none. */
function findSealedRequest({ wire }: Recording): string | null {
  const octets = fromHex(wire.client)
  let sealed: string | null = null
  for (let at = 0; ;) {
    const read = readRecord(octets, at)
    if (read.kind !== 'record') return sealed
    if (read.record.content === CONTENT_TYPE.ApplicationData) sealed = toHex(octets.subarray(at, read.next))
    at = read.next
  }
}

/** Tries the private key of the recording's server on it. */
function tryLeakedKey(recording: Recording, index: number, { crypto, certificates, identity }: TlsTools): LeakEffect {
  const { key } = identity(recording.identity)
  const wire = { client: fromHex(recording.wire.client), server: fromHex(recording.wire.server) }
  const { plaintexts } = eavesdrop({ wire, leaked: key ? [decodePrivateKey(key)] : [], certificates }, crypto)
  const request = plaintexts.findLast(({ from, content }) => from === 'client' && content === CONTENT_TYPE.ApplicationData)
  return { kind: 'tried', recording: index, text: request ? decodeUtf8(fromHex(request.data)) : null }
}
