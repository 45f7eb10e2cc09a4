import { type Warning, warn } from './statement.ts'

/** What ISO 20022's schema says of a message. Without the schema, or of a very large file, nothing is said. */
export type Verdict =
  | { verdict: 'valid' }
  | { verdict: 'invalid'; problems: Warning[] }
  | { verdict: 'not-checked'; reason: 'no-schema' | 'too-large' | 'schema-unusable' }

/** Validation holds the whole document several times over. */
export const largestValidated = 16 * 1024 * 1024

/** The name that the schema of a message has, as `camt.053.001.08`, by the beginning of the file; null when it tells none. */
export function schemaNameOf(head: Uint8Array): string | null {
  const text = Buffer.from(head.subarray(0, 4096)).toString('latin1')
  return /\bxmlns(?::[\w.-]+)?\s*=\s*["'][^"']*\b(camt\.05[234]\.001\.\d\d)["']/.exec(text)?.[1] ?? null
}

/**
 * Holds a message, which a reader has taken already, against its schema. ISO gives the schemas to whoever asks, under terms of
 * its own, so none comes with us: whoever runs the service lays them down, and null says that there is none.
 */
export async function verdictOf(message: Uint8Array, schema: Uint8Array | null): Promise<Verdict> {
  if (schema === null) return { verdict: 'not-checked', reason: 'no-schema' }
  if (message.length > largestValidated) return { verdict: 'not-checked', reason: 'too-large' }
  // Loaded when it is first needed: most of what the service does needs none of it.
  const { ParseOption, XmlDocument, XmlLibError, XsdValidator } = await import('libxml2-wasm')
  const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE
  const validator = validatorOf()
  if (validator === null) return { verdict: 'not-checked', reason: 'schema-unusable' }
  try {
    const document = XmlDocument.fromBuffer(message, { option })
    try {
      validator.validate(document)
      return { verdict: 'valid' }
    } finally {
      document.dispose()
    }
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error
    const problems: Warning[] = []
    for (const { line, message: told } of error.details) warn(problems, `line ${line}`, withoutNamespaces(told))
    return { verdict: 'invalid', problems }
  } finally {
    validator.dispose()
  }

  /** A file that is no schema keeps nobody's statement from being taken. */
  function validatorOf() {
    try {
      const rules = XmlDocument.fromBuffer(schema!, { option })
      try {
        return XsdValidator.fromDoc(rules)
      } finally {
        rules.dispose()
      }
    } catch (error) {
      if (error instanceof XmlLibError) return null
      throw error
    }
  }
}

/** The names in a problem are all of one namespace, which makes them hard to read. */
function withoutNamespaces(message: string): string {
  return message.replaceAll(/\{[^}]*\}/g, '').trim()
}
