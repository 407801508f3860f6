/**
 * Codecs that turn values into short JSON: an object becomes the array of its fields, a word its index in a list, and a repeated
 * value a reference. A codec keeps whatever it does not know unchanged, so that a value can be restored exactly, whichever
 * version wrote it.
 */
import { deepEqual } from '../../protocol/deep-equal.ts'

/** `unpack(JSON.parse(pack(value)))` equals the value, as with plain JSON: a field that is undefined is absent. */
export interface Codec<T> {
  /** The JSON text. Concatenating text takes half the time of building arrays for `JSON.stringify`. */
  pack(value: T, earlier: EarlierValues): string
  unpack(packed: unknown, earlier: EarlierValues): T
}

/** The values packed or unpacked so far, for references. The order is the same in both directions. */
export type EarlierValues = unknown[]

/** The codecs of an object's fields. */
export type Fields<T> = { readonly [K in keyof T]?: Codec<Exclude<T[K], undefined>> }

/** Leaves the value unchanged. */
export const asIs: Codec<never> = {
  pack: (value: unknown) => (typeof value === 'number' ? `${value}` : JSON.stringify(value)),
  unpack: (packed) => packed as never,
}

/** `true` and `false` become 1 and 0. */
export const flag: Codec<boolean> = { pack: (value) => (value ? '1' : '0'), unpack: Boolean }

/** Null stays null; any other value is packed by `value`. */
export function nullable<T>(value: Codec<T>): Codec<T | null> {
  return {
    pack: (each, earlier) => (each === null ? 'null' : value.pack(each, earlier)),
    unpack: (packed, earlier) => (packed === null ? null : value.unpack(packed, earlier)),
  }
}

/** A word of this list becomes its index. Any other word stays as it is. */
export function word<T extends string>(...words: readonly T[]): Codec<T> {
  const places = new Map<T, string>(words.map((each, place) => [each, `${place}`]))
  return {
    pack: (value) => places.get(value) ?? JSON.stringify(value),
    unpack: (packed) => (typeof packed === 'number' ? words[packed]! : (packed as T)),
  }
}

/** A value that equals one in this list becomes its index; any other value is packed by `other`. */
export function common<T extends object>(values: readonly T[], other: Codec<T> = asIs): Codec<T> {
  return {
    pack(value, earlier) {
      const place = values.findIndex((each) => deepEqual(each, value))
      return place >= 0 ? `${place}` : other.pack(value, earlier)
    },
    unpack: (packed, earlier) => (typeof packed === 'number' ? values[packed]! : other.unpack(packed, earlier)),
  }
}

/** A value that equals an earlier one becomes a reference to it. `item` must never pack to a number. */
export function once<T extends object>(item: Codec<T>): Codec<T> {
  return {
    pack(value, earlier) {
      const place = earlier.findIndex((each) => deepEqual(each, value))
      if (place >= 0) return `${place}`
      earlier.push(value)
      return item.pack(value, earlier)
    },
    unpack(packed, earlier) {
      if (typeof packed === 'number') return earlier[packed] as T
      const place = earlier.push(null) - 1
      const value = item.unpack(packed, earlier)
      earlier[place] = value
      return value
    },
  }
}

/** An array of values, each packed by `item`. */
export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    pack(values, earlier) {
      let text = ''
      for (const value of values) text += text === '' ? item.pack(value, earlier) : `,${item.pack(value, earlier)}`
      return `[${text}]`
    },
    unpack: (packed, earlier) => (packed as unknown[]).map((each) => item.unpack(each, earlier)),
  }
}

/**
 * An object becomes the array of the values of `fields`, in their order, followed by an object with its remaining fields, if any;
 * `others` has the codecs of some of these. An object that lacks one of `fields` stays as it is.
 */
export function record<T extends object>(fields: Fields<T>, others: Fields<T> = {}): Codec<T> {
  const of = createFieldCodec('', fields, others)
  return {
    pack: (value, earlier) => of.pack(value as Plain, earlier),
    unpack: (packed, earlier) => (Array.isArray(packed) ? of.unpack({}, packed, 0, earlier) : packed) as T,
  }
}

/** Objects of several kinds: the index of the kind, followed by the fields as in `record`. */
export function union<T extends { readonly kind: string }>(kinds: {
  readonly [K in T['kind']]: readonly [fields: Fields<OfKind<T, K>>, others?: Fields<OfKind<T, K>>]
}): Codec<T> {
  const variants = Object.entries(kinds as { [kind: string]: readonly [Fields<object>, Fields<object>?] })
  const known = variants.map(([kind, [fields, others = {}]], place) => ({
    kind,
    ...createFieldCodec(`${place}`, { kind: asIs, ...fields }, others),
  }))
  const byKind = new Map(known.map((each) => [each.kind, each]))
  return {
    pack: (value, earlier) => byKind.get(value.kind)?.pack(value, earlier) ?? JSON.stringify(value),
    unpack(packed, earlier) {
      if (!Array.isArray(packed)) return packed as T
      const { kind, unpack } = known[packed[0] as number]!
      return unpack({ kind }, packed, 1, earlier) as unknown as T
    },
  }
}
type OfKind<T, K> = T extends { readonly kind: infer Kind } ? (K extends Kind ? Omit<T, 'kind'> : never) : never

/** An object that may have any of these fields becomes a list with the index and the value of each field that is present. */
export function some<T extends object>(fields: Required<Fields<T>>): Codec<T> {
  const known = Object.entries(fields) as [string, Codec<unknown>][]
  const byName = new Map(known.map(([name, codec], place) => [name, { place, codec }]))
  return {
    pack(value, earlier) {
      let text = ''
      for (const name in value) {
        const field = value[name]
        if (field === undefined) continue
        const found = byName.get(name)
        if (text !== '') text += ','
        text += found ? `${found.place},${found.codec.pack(field, earlier)}` : `${JSON.stringify(name)},${JSON.stringify(field)}`
      }
      return `[${text}]`
    },
    unpack(packed, earlier) {
      const value: Plain = {}
      const parts = packed as unknown[]
      for (let i = 0; i < parts.length; i += 2) {
        const [place, field] = [parts[i], parts[i + 1]]
        if (typeof place === 'string') value[place] = field
        else {
          const [name, codec] = known[place as number]!
          value[name] = codec.unpack(field, earlier)
        }
      }
      return value as T
    },
  }
}

type Plain = { [key: string]: unknown }

function countFields(value: Plain): number {
  let count = 0
  for (const _ in value) count++
  return count
}

/** `head`, unless empty, is packed in place of the first field. */
function createFieldCodec(head: string, fields: object, others: object) {
  const known = Object.entries(fields) as [string, Codec<unknown>][]
  const names = known.map(([name]) => name)
  const codecs = known.map(([, codec]) => codec)
  const more = new Map(Object.entries(others) as [string, Codec<unknown>][])
  const first = head === '' ? 0 : 1
  return {
    pack(value: Plain, earlier: EarlierValues): string {
      for (const name of names) if (value[name] === undefined) return JSON.stringify(value)
      let text = head
      for (let place = first; place < names.length; place++) {
        if (text !== '') text += ','
        text += codecs[place]!.pack(value[names[place]!], earlier)
      }
      let rest = ''
      if (countFields(value) > names.length)
        for (const name in value) {
          const field = value[name]
          if (names.includes(name) || field === undefined) continue
          if (rest !== '') rest += ','
          rest += `${JSON.stringify(name)}:${more.get(name)?.pack(field, earlier) ?? JSON.stringify(field)}`
        }
      if (rest !== '') text += text === '' ? `{${rest}}` : `,{${rest}}`
      return `[${text}]`
    },
    /** Reads `packed` from the index `from` on into `value`. */
    unpack(value: Plain, packed: readonly unknown[], from: number, earlier: EarlierValues): Plain {
      let place = from
      for (const [name, codec] of known.slice(first)) value[name] = codec.unpack(packed[place++], earlier)
      const rest = packed[place] as Plain | undefined
      for (const name in rest) value[name] = more.has(name) ? more.get(name)!.unpack(rest[name], earlier) : rest[name]
      return value
    },
  }
}
