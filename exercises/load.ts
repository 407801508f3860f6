/** Reads and validates exercise files. The server reads its folder once, at start, and refuses to start with an invalid file. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { findQuestion, type Exercise } from '../protocol/round/model/exercise.ts'
import type { ExerciseFile } from '../protocol/round/model/exercise-file.ts'
import type { HintTexts } from '../protocol/round/view/project-seat-view.ts'
import { findContradictions, type Problem } from './contradictions.ts'
import { EXERCISE_FILE } from './schema.ts'

/** The exercises of a folder. */
export interface ExerciseLibrary {
  get(id: string): Exercise | undefined
  /** The published exercises, sorted by `order`. */
  published(): readonly Exercise[]
  /** All exercises, sorted by `order`. */
  all(): readonly Exercise[]
}

/**
 * Looks up texts that are not stored in a round's log. They are undefined if the exercise does not exist any more. `version`: which one
 * the round plays; the choices of another version's questions may stand in another order, so that nothing is said about them.
 */
export function findTexts(exercise: Exercise | undefined, version = exercise?.version): HintTexts {
  const scene = (id: string) => exercise && exercise.scenes.find((each) => each.id === id)
  const questionOf: HintTexts['question'] = (id, seat, question) =>
    exercise && exercise.version === version ? findQuestion(exercise, id, seat, question) : undefined
  return {
    hint: (id, seat, milestone, rung) =>
      scene(id)?.milestones[seat].find((each) => each.id === milestone)?.[rung === 1 ? 'nudge' : 'concept'],
    why: (id, seat, question, choice) => questionOf(id, seat, question)?.choices[choice]?.why,
    question: questionOf,
  }
}

/** Invalid exercise files. The message has one line per problem, such as `handshake.yaml:12: brief.client.zh is missing: …`. */
export class ExerciseError extends Error {
  override readonly name = 'ExerciseError'
}

/** Reads every `*.yaml` file of a folder. Throws an `ExerciseError` that lists all problems of all files. */
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
 * Parses and validates one file. `file` is its name and `text` its content. Gives the exercise, and `locate`, which formats problems
 * found later; or the problems, each as one line that starts with `file:line: `. `anyName`: the file name need not be the exercise's id.
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
    // The YAML library limits nesting (RangeError) and the expansion of aliases (ReferenceError).
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

/** Aliases without a preceding anchor: offset and message. */
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

/**
 * Duplicate keys of a mapping: offset and message. The library's own check (`uniqueKeys`) takes quadratic time, which an uploaded file
 * could make last minutes.
 */
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

/** Where a value violates the schema, and how to correct it. */
function findSchemaProblems(value: unknown): Problem[] {
  const errors = listSchemaErrors(value)
  // The errors of a union's members add nothing to the error of the union; a forbidden property is reported by its object.
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

/** TypeBox stops after eight errors by default: the members of one union can produce more, before its own error. */
function listSchemaErrors(value: unknown) {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: 1_000 })
  try {
    return Value.Errors(EXERCISE_FILE, value)
  } finally {
    Settings.Set({ maxErrors })
  }
}

/** The `errorMessage` at a place of the schema. */
function errorMessageAt(schemaPath: string): string {
  const schema = Value.Pointer.Get(EXERCISE_FILE, schemaPath.slice(1)) as { errorMessage?: string } | undefined
  return schema?.errorMessage ?? 'must be something else'
}

/** A JSON pointer as keys, and as indices inside lists. */
function parsePointer(root: unknown, pointer: string): (string | number)[] {
  let value = root
  return Value.Pointer.Indices(pointer).map((token) => {
    const key = Array.isArray(value) ? Number(token) : token
    value = (value as { [k: string | number]: unknown } | undefined)?.[key]
    return key
  })
}

/** For example `milestones.client[0].id`. */
const formatPath = (path: Problem['path']): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .slice(1) || 'the file'

/** The offset of a place in its file: of its key, or of the innermost enclosing node that exists. */
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
