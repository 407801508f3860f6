/** Finds the terms of the glossary in a text. */
import type { Lang } from '../../../protocol/round/model/exercise.ts'
import { TERM_GROUPS, type Term } from './terms.ts'

/** A piece of a text; with `term`, it is that term as the text writes it. */
export interface TextPart {
  readonly text: string
  readonly term?: Term
}

/** Every text has these, and everybody knows them. */
const EVERYDAY: ReadonlySet<string> = new Set(['segment', 'byte'])

/** How texts write a term: `sequence number, seq` either way, `SYN bit` with or without the noun, `序号 seq` whole or in part. */
const SPELLINGS: { readonly [L in Lang]: (name: string) => readonly string[] } = {
  en: (name) => name.split(', ').flatMap((each) => [each, each.replace(/ bit$/, '')]),
  zh: (name) => {
    const plain = name.replace(/（.*）/, '')
    return [plain, ...plain.split(' ')]
  },
}

interface Dictionary {
  readonly pattern: RegExp
  readonly terms: ReadonlyMap<string, Term>
}

const dictionaries: { [L in Lang]?: Dictionary } = {}

function buildDictionary(lang: Lang): Dictionary {
  const terms = new Map<string, Term>()
  for (const term of TERM_GROUPS.flatMap((group) => group.terms))
    if (!EVERYDAY.has(term.id))
      for (const spelling of SPELLINGS[lang](term.name[lang])) terms.set(spelling, terms.get(spelling) ?? term)
  // The longest first: `initial sequence number` is one term.
  const spellings = [...terms.keys()].sort((a, b) => b.length - a.length)
  const escaped = spellings.map((each) => {
    const first = each.charAt(0)
    return `[${first}${first.toUpperCase()}]${each.slice(1).replaceAll('.', '[.]')}`
  })
  return { pattern: new RegExp(`(${escaped.join('|')})s?`, 'g'), terms }
}

/** Whether a match is part of a longer word, or of a segment's bits such as `SYN,ACK`. */
function isInside(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start)
  const after = text.slice(end, end + 2)
  const [first, last] = [text.charAt(start), text.charAt(end - 1)]
  return (
    (/\w/.test(first) && (/[\w.-]$/.test(before) || /\w,$/.test(before))) ||
    (/\w/.test(last) && (/^[\w-]/.test(after) || /^[.,]\w/.test(after)))
  )
}

/** The text in pieces. Each term is marked where it first occurs. */
export function splitByTerms(text: string, lang: Lang): readonly TextPart[] {
  const { pattern, terms } = (dictionaries[lang] ??= buildDictionary(lang))
  const parts: TextPart[] = []
  const found = new Set<Term>()
  let end = 0
  for (const { 0: written, 1: spelling = '', index } of text.matchAll(pattern)) {
    const term = terms.get(spelling) ?? terms.get(spelling.charAt(0).toLowerCase() + spelling.slice(1))
    if (!term || found.has(term) || isInside(text, index, index + written.length)) continue
    found.add(term)
    if (index > end) parts.push({ text: text.slice(end, index) })
    parts.push({ text: written, term })
    end = index + written.length
  }
  if (end < text.length) parts.push({ text: text.slice(end) })
  return parts
}
