import type { Components, JsonSchema } from './json-schema.ts'

const ofFormat: Record<string, unknown> = {
  uuid: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
  date: '2026-03-31',
  'date-time': '2026-03-31T23:05:00.000Z',
}

/** Deeper than any shape of ours that does not contain itself. */
const deepest = 12

/**
 * An example of a documented schema, put together from the examples, formats and choices of its parts, so that none is
 * written twice. Undefined when a required part is a text that has no example of its own: a made-up word would teach nothing.
 */
export function exampleOf(schema: JsonSchema, components: Components, depth = 0): unknown {
  if (depth > deepest) return undefined
  const [given] = (schema.examples ?? schema.enum ?? []) as unknown[]
  if (given !== undefined) return given
  if ('const' in schema) return schema.const
  if ('default' in schema) return schema.default
  if (typeof schema.$ref === 'string') {
    const component = components.get(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1))
    return component && exampleOf(component, components, depth + 1)
  }
  const [branch] = (schema.oneOf ?? schema.anyOf ?? schema.allOf ?? []) as JsonSchema[]
  if (branch) return exampleOf(branch, components, depth + 1)
  const [type] = [schema.type].flat()
  if (type === 'object') return exampleObject(schema, components, depth)
  if (type === 'array') return exampleArray(schema, components, depth)
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1
  if (type === 'boolean') return false
  return type === 'string' && typeof schema.format === 'string' ? ofFormat[schema.format] : undefined
}

function exampleArray(schema: JsonSchema, components: Components, depth: number): unknown[] | undefined {
  const item = exampleOf((schema.items ?? {}) as JsonSchema, components, depth + 1)
  return item === undefined ? undefined : Array(Math.max(1, Number(schema.minItems ?? 1))).fill(item)
}

function exampleObject(schema: JsonSchema, components: Components, depth: number): object | undefined {
  const required = new Set(schema.required as string[] | undefined)
  const example: Record<string, unknown> = {}
  for (const [name, part] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    const value = exampleOf(part, components, depth + 1)
    if (value !== undefined) example[name] = value
    else if (required.has(name)) return undefined
  }
  return example
}
