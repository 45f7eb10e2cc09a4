import assert, { AssertionError } from 'node:assert/strict'
import fastJson from 'fast-json-stringify'
import { z } from 'zod'

/** A JSON Schema as plain JSON. */
export type JsonSchema = { [keyword: string]: unknown }

/** Named schemas found so far (zod's `.meta({ id })`), as they go to `components.schemas`. */
export type Components = Map<string, JsonSchema>

const componentPrefix = '#/components/schemas/'

/**
 * A zod schema as JSON Schema 2020-12 for OpenAPI 3.1. Schemas with an id become references, and what they refer to is
 * added to `components`. Where what is taken and what is given differ, the taken form is named `<id>Input`.
 * @throws when the schema has no JSON form: a transform, a codec or a Date in an answer stops the start here.
 */
export function documentedSchema(schema: z.ZodType, io: 'input' | 'output', components: Components): JsonSchema {
  const { $schema: _, $defs = {}, ...root } = z.toJSONSchema(schema, { io, override: keepExamples }) as JsonSchema
  const definitions = $defs as Record<string, JsonSchema>
  const names = new Map<string, string>()
  for (const [id, definition] of Object.entries(definitions)) {
    assert(!id.startsWith('__'), 'a schema that contains itself has a .meta({ id })')
    names.set(id, io === 'input' && differsAsOutput(id, definition, definitions) ? `${id}Input` : id)
  }
  for (const [id, definition] of Object.entries(definitions)) {
    const name = names.get(id)!
    if (!components.has(name)) components.set(name, tidied(definition, io, names) as JsonSchema)
  }
  return tidied(root, io, names) as JsonSchema
}

/** Zod drops the examples of what it transforms, taking them for what comes out; ours are what is sent. */
function keepExamples({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: JsonSchema }): void {
  const examples = z.globalRegistry.get(zodSchema)?.examples
  if (examples !== undefined) jsonSchema.examples = examples
}

/** Whether a named schema, or one that it refers to, reads differently than it writes: defaults and transforms do. */
function differsAsOutput(id: string, taken: JsonSchema, definitions: Record<string, JsonSchema>): boolean {
  const registered = [...z.globalRegistry._idmap].find(([name]) => name === id)?.[1]
  assert(registered, `the schema ${id} is registered`)
  let given: JsonSchema
  try {
    given = z.toJSONSchema(registered as z.ZodType, { io: 'output' }) as JsonSchema
  } catch {
    return true
  }
  const givenDefinitions = (given.$defs ?? {}) as Record<string, JsonSchema>
  const same = new Map(Object.keys(definitions).map(name => [name, name]))
  return (
    JSON.stringify(tidied(givenDefinitions[id] ?? given, 'output', same)) !==
    JSON.stringify(tidied(taken, 'input', same))
  )
}

/**
 * Rewrites references into `components`, and drops what says nothing to a reader: `id`, the bounds of a safe integer,
 * the pattern of a format, or one that not everybody can read; and in answers `additionalProperties: false`, for a later version may add a property.
 */
function tidied(value: unknown, io: 'input' | 'output', names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map(item => tidied(item, io, names))
  if (value === null || typeof value !== 'object') return value
  const tidy: JsonSchema = {}
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref') tidy.$ref = componentPrefix + names.get((child as string).slice('#/$defs/'.length))
    else if (key === 'properties' || key === 'patternProperties') tidy[key] = eachTidied(child as JsonSchema, io, names)
    else if (key === 'examples' || key === 'enum' || key === 'const' || key === 'default') tidy[key] = child
    else if (isNoise(key, child, io) || (key === 'pattern' && ('format' in value || isUnportable(child)))) continue
    else tidy[key] = tidied(child, io, names)
  }
  return withoutEmptyParts(tidy)
}

/** Of several schemas at once those that still say something; one alone needs no list. */
function withoutEmptyParts({ allOf, ...tidy }: JsonSchema): JsonSchema {
  if (!Array.isArray(allOf)) return tidy
  const parts = (allOf as JsonSchema[]).filter(part => Object.keys(part).length > 0)
  return parts.length > 1 ? { ...tidy, allOf: parts } : { ...tidy, ...parts[0] }
}

function eachTidied(properties: JsonSchema, io: 'input' | 'output', names: ReadonlyMap<string, string>): JsonSchema {
  return Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, tidied(child, io, names)]))
}

/** Not every language that reads the document knows Unicode's properties in patterns, and one that does not reads none of it. */
function isUnportable(pattern: unknown): boolean {
  return /\\[pP]\{/.test(String(pattern))
}

function isNoise(key: string, child: unknown, io: 'input' | 'output'): boolean {
  if (key === 'id' || key === '$id') return true
  if (key === 'minimum') return child === Number.MIN_SAFE_INTEGER
  if (key === 'maximum') return child === Number.MAX_SAFE_INTEGER
  return key === 'additionalProperties' && io === 'output' && child === false
}

const writers = new WeakMap<z.ZodType, (answer: unknown) => string>()

/**
 * The function that writes an answer of this schema as JSON: only declared properties, so nothing undeclared leaks, and
 * it throws when a required one is missing. Compiled at the first use, once for all apps of the process.
 */
export function jsonWriter(schema: z.ZodType): (answer: unknown) => string {
  let writer = writers.get(schema)
  if (writer) return writer
  // Without ids every definition is inlined. Converting now makes a schema without a JSON form stop the start.
  const shape = z.toJSONSchema(schema, { io: 'output', metadata: z.registry() }) as JsonSchema
  let compiled: ((answer: unknown) => string) | undefined
  writer = answer => {
    compiled ??= fastJson(writableShape(shape) as fastJson.Schema) as (answer: unknown) => string
    try {
      return compiled(answer)
    } catch (cause) {
      // The message may hold a value of the answer, except when it only names what is missing.
      const missing = /^"\w+" is required!$/.exec((cause as Error).message)?.[0]
      throw new AssertionError({ message: `an answer does not fit its schema${missing ? `: ${missing}` : ''}` })
    }
  }
  writers.set(schema, writer)
  return writer
}

const checks = new Set([
  '$schema',
  'propertyNames',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
])

/**
 * What writing needs: structure without checks, and a nullable value as one type, for unions are written slowly. An absent
 * `additionalProperties` writes none of them; `false` would keep a branch of a union from being chosen.
 */
function writableShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(writableShape)
  if (value === null || typeof value !== 'object') return value
  const { anyOf, ...rest } = value as JsonSchema
  const branches = anyOf as JsonSchema[] | undefined
  if (branches?.length === 2 && branches.some(branch => branch.type === 'null')) {
    const present = branches.find(branch => branch.type !== 'null') ?? {}
    if (typeof present.type === 'string') {
      return { ...(writableShape({ ...rest, ...present }) as JsonSchema), type: [present.type, 'null'] }
    }
  }
  const shape: JsonSchema = {}
  for (const [key, child] of Object.entries(value)) {
    if (key === 'properties') {
      shape.properties = Object.fromEntries(
        Object.entries(child as JsonSchema).map(([name, schema]) => [name, writableShape(schema)]),
      )
    } else if (!checks.has(key) && child !== false) shape[key] = writableShape(child)
  }
  return shape
}
