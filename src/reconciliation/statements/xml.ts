import { SaxesParser } from 'saxes'
import { FileFault } from './statement.ts'
import { xmlText } from './xml-text.ts'

export type XmlElement = {
  name: string
  namespace: string
  attributes: ReadonlyMap<string, string>
  text: string
  children: XmlElement[]
  /** The line of its start, and where among the parts of its parent it stands. */
  line: number
  /** What it and all in it hold of memory, by letters. */
  weight: number
}

/** Told of each element as it begins, with the elements around it, and as it ends: whoever takes an ended one answers that it need not be kept. */
export type Visitor = {
  begun(element: XmlElement, around: readonly XmlElement[]): void
  ended(element: XmlElement, around: readonly XmlElement[]): 'taken' | 'kept'
}

/** No statement is nested deeper, by far. */
const deepest = 48

/** Letters of one text, tag or comment, and of all that waits to be taken: what never ends must not fill the memory. */
const longestPiece = 512 * 1024
const heaviest = 8 * 1024 * 1024
const elementWeight = 100

/**
 * Reads XML as it comes, and yields after every piece, so that what was taken can be passed on.
 * @throws FileFault of what is not well formed, of document types and entities, and of what is too deep or too long
 */
export async function* readXml(bytes: AsyncIterable<Uint8Array>, visitor: Visitor): AsyncGenerator<void> {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const around: XmlElement[] = []
  let [held, silence] = [0, 0]

  parser.on('error', error => fail(error.message.replace(/^\d+:\d+: /, '')))
  parser.on('doctype', () => fail('a document type is not taken'))
  parser.on('comment', heard)
  parser.on('processinginstruction', heard)
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('opentag', tag => {
    heard()
    const own = Object.values(tag.attributes).filter(({ prefix }) => prefix === '')
    const attributes = new Map(own.map(({ local, value }) => [local, value]))
    const weight = own.reduce((sum, { local, value }) => sum + local.length + value.length, elementWeight)
    const element: XmlElement = {
      name: tag.local,
      namespace: tag.uri,
      attributes,
      text: '',
      children: [],
      line: parser.line,
      weight,
    }
    hold(weight)
    visitor.begun(element, around)
    around.push(element)
    if (around.length > deepest) fail(`elements are nested deeper than ${deepest}`)
  })
  parser.on('closetag', () => {
    heard()
    const element = around.pop()!
    const parent = around.at(-1)
    if (visitor.ended(element, around) === 'taken' || parent === undefined) held -= element.weight
    else {
      parent.children.push(element)
      parent.weight += element.weight
    }
  })

  for await (const piece of xmlText(bytes)) {
    silence += piece.length
    parser.write(piece)
    if (silence > longestPiece) fail('a text or a tag does not end')
    yield
  }
  parser.close()
  yield

  function addText(text: string): void {
    heard()
    const element = around.at(-1)
    if (element === undefined) return
    // Between elements there is only white space, which nobody needs.
    if (element.text === '' && text.trim() === '') return
    element.text += text
    element.weight += text.length
    hold(text.length)
  }

  function heard(): void {
    silence = 0
  }

  function hold(weight: number): void {
    held += weight
    if (held > heaviest) fail('one part of it has more in it than any statement')
  }

  function fail(message: string): never {
    throw new FileFault(`line ${parser.line}`, message)
  }
}

/** The first element at a path below another. */
export function at(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce((found, name) => found?.children.find(child => child.name === name), element)
}

/** The text at a path, without white space around it; null when there is none. */
export function textAt(element: XmlElement | undefined, ...path: string[]): string | null {
  return at(element, ...path)?.text.trim() || null
}

export function allAt(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter(child => child.name === name) ?? []
}

/**
 * The one element of this name.
 * @throws FileFault when there are two: which of them is meant nobody can say
 */
export function onlyAt(element: XmlElement, name: string): XmlElement | undefined {
  const [found, second] = allAt(element, name)
  if (second !== undefined) throw new FileFault(`line ${second.line}`, `${name} is given twice in one ${element.name}`)
  return found
}
