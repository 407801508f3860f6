/** The exercises of a folder, read once at start and checked so that nothing half-written reaches a class. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import type { Exercise } from '../protocol/round/model/exercise.ts'
import type { ExerciseFile } from '../protocol/round/model/exercise-file.ts'
import type { HintTexts } from '../protocol/round/view/project-seat-view.ts'
import { findContradictions, type Problem } from './contradictions.ts'
import { EXERCISE_FILE } from './schema.ts'

export interface ExerciseLibrary {
  get(id: string): Exercise | undefined
  /** Those that are published, in the order in which they are best taught. */
  published(): readonly Exercise[]
  /** The others, too. */
  all(): readonly Exercise[]
}

/** The texts of an exercise that a round's log does not hold; none where the exercise is no longer there. */
export function textsFor(exercise: Exercise | undefined): HintTexts {
  const scene = (id: string) => exercise && exercise.scenes.find((told) => told.id === id)
  return {
    hint: (id, seat, milestone, rung) =>
      scene(id)?.milestones[seat].find((told) => told.id === milestone)?.[rung === 1 ? 'nudge' : 'concept'],
    why: (id, seat, question, choice) => scene(id)?.questions?.[seat]?.find((told) => told.id === question)?.choices[choice]?.why,
  }
}

/** Files that cannot be used. The message has a line for each problem: `handshake.yaml:12: brief.client.zh is missing: …`. */
export class ExerciseError extends Error {
  override readonly name = 'ExerciseError'
}

/** Reads every `*.yaml` of a folder. Throws an `ExerciseError` that names all problems of all files. */
export function loadExercises(dir: string): ExerciseLibrary {
  const files = readdirSync(dir)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
  if (files.length === 0) throw new ExerciseError(`${dir} holds no exercise: put at least one .yaml file there`)

  const read = files.map((file) => readExercise(file, readFileSync(join(dir, file), 'utf8')))
  const problems = read.flatMap((result) => ('problems' in result ? result.problems : []))
  if (problems.length > 0) throw new ExerciseError(problems.join('\n'))

  const exercises = read
    .flatMap((result) => ('exercise' in result ? [result.exercise] : []))
    .sort((a, b) => a.order - b.order || a.id.localeCompare(b.id))
  const byId = new Map(exercises.map((exercise) => [exercise.id, exercise]))
  const published = exercises.filter((exercise) => exercise.published !== false)
  return { get: (id) => byId.get(id), published: () => published, all: () => exercises }
}

/**
 * One file's exercise, and where in it a problem that shows later lies; or what is wrong with it, each problem on a line that begins
 * `file:line: `. `anyName`: the file need not be named after the id.
 */
export function readExercise(
  file: string,
  text: string,
  { anyName = false }: { anyName?: boolean } = {},
): { exercise: ExerciseFile; locate: (problem: Problem) => string } | { problems: string[] } {
  const lines = new LineCounter()
  const at = (offset: number, message: string) => `${file}:${lines.linePos(offset).line}: ${message}`
  let document: Document
  let value: unknown
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
    const errors = [
      ...document.errors.map((error) => at(error.pos[0], error.message)),
      ...findDuplicateKeys(document).map((key) => at(...key)),
      ...findDanglingAliases(document).map((alias) => at(...alias)),
    ]
    if (errors.length > 0) return { problems: errors }
    value = document.toJS()
  } catch (error) {
    // The reader's own bounds: of nesting, and of what aliases expand to.
    if (error instanceof RangeError) return { problems: [`${file}:1: the file is nested too deeply: flatten it`] }
    if (error instanceof ReferenceError) return { problems: [`${file}:1: ${error.message}: write out what the aliases stand for`] }
    throw error
  }

  const locate = (problem: Problem) => at(findOffset(document, problem.path), `${formatPath(problem.path)} ${problem.message}`)
  if (!Value.Check(EXERCISE_FILE, value)) return { problems: findSchemaProblems(value).map(locate) }

  const problems: Problem[] = findContradictions(value)
  if (!anyName && `${value.id}.yaml` !== file)
    problems.push({ path: ['id'], message: `is ${value.id}: rename the file to ${value.id}.yaml, or change the id` })
  return problems.length > 0 ? { problems: problems.map(locate) } : { exercise: value, locate }
}

/** Aliases whose anchor does not stand before them, by their offset. */
function findDanglingAliases(document: Document): [offset: number, message: string][] {
  const found: [number, string][] = []
  const anchors = new Set<string>()
  visit(document, (_, node) => {
    if (isAlias(node)) {
      if (!anchors.has(node.source))
        found.push([node.range?.[0] ?? 0, `no anchor &${node.source} stands before this alias: add it, or write the text out`])
    } else if (isNode(node) && 'anchor' in node && node.anchor) anchors.add(node.anchor)
  })
  return found
}

/** Keys that a mapping has already, by their offset. The library compares each with each, which a hostile file can make take minutes. */
function findDuplicateKeys(document: Document): [offset: number, message: string][] {
  const found: [number, string][] = []
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value)) found.push([key.range?.[0] ?? 0, `Map keys must be unique: ${String(key.value)} is there already`])
        seen.add(key.value)
      }
    },
  })
  return found
}

const LANGUAGES: { readonly [key: string]: string } = { en: 'English', zh: 'Chinese' }

/** Where a value departs from the schema, and what to do about it. */
function findSchemaProblems(value: unknown): Problem[] {
  const errors = listSchemaErrors(value)
  // What a union's branches say is noise beside the union's own error; a forbidden property is reported by its object.
  const unions = errors.filter((error) => error.keyword === 'anyOf').map((error) => `${error.schemaPath}/anyOf/`)
  const own = errors.filter((error) => error.keyword !== 'boolean' && !unions.some((union) => error.schemaPath.startsWith(union)))

  return own.flatMap((error): Problem[] => {
    const path = parsePointer(value, error.instancePath)
    switch (error.keyword) {
      case 'required':
        return error.params.requiredProperties.map((key) => ({
          path: [...path, key],
          message: `is missing: add ${LANGUAGES[key] ? `the ${LANGUAGES[key]} text` : 'it'}`,
        }))
      case 'additionalProperties':
        return error.params.additionalProperties.map((key) => ({
          path: [...path, key],
          message: 'does not belong here: remove it, or correct its name',
        }))
      case 'enum':
        return [{ path, message: `must be one of ${error.params.allowedValues.join(', ')}` }]
      case 'anyOf':
      case 'pattern':
        return [{ path, message: errorMessageAt(error.schemaPath) }]
      case 'maxItems':
        return [{ path, message: `has more than ${error.params.limit}: take some out` }]
      case 'maxLength':
        return [{ path, message: `is longer than ${error.params.limit} characters: shorten it` }]
      case 'minLength':
      case 'minItems':
      case 'minProperties':
        return [{ path, message: 'is empty: fill it in' }]
      case 'type':
        return [{ path, message: `must be of type ${[error.params.type].flat().join(' or ')}` }]
      default:
        return [{ path, message: error.message }]
    }
  })
}

/** TypeBox stops after eight errors, which a single union can use up before its own is reached. */
function listSchemaErrors(value: unknown) {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: 1_000 })
  try {
    return Value.Errors(EXERCISE_FILE, value)
  } finally {
    Settings.Set({ maxErrors })
  }
}

/** What the schema says, at this place, of a value that does not fit. */
function errorMessageAt(schemaPath: string): string {
  const schema = Value.Pointer.Get(EXERCISE_FILE, schemaPath.slice(1)) as { errorMessage?: string } | undefined
  return schema?.errorMessage ?? 'must be something else'
}

/** A JSON pointer as keys, and indices where it leads into a list. */
function parsePointer(root: unknown, pointer: string): (string | number)[] {
  let value = root
  return Value.Pointer.Indices(pointer).map((token) => {
    const key = Array.isArray(value) ? Number(token) : token
    value = (value as { [k: string | number]: unknown } | undefined)?.[key]
    return key
  })
}

/** `milestones.client[0].id` */
const formatPath = (path: Problem['path']): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .slice(1) || 'the file'

/** Offset of a place in its file: of its key, or else of the innermost thing around it that is there. */
function findOffset(document: Document, path: Problem['path']): number {
  let offset = 0
  path.forEach((key, depth) => {
    const parent = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true)
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
    const node = pair?.key ?? document.getIn(path.slice(0, depth + 1), true)
    offset = (node as { range?: [number, number, number] | null } | undefined)?.range?.[0] ?? offset
  })
  return offset
}
