import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A command of a page, the lines the page says it prints, and the line of the page where it stands. */
export type Step = { command: string; expected: string[]; line: number }

/**
 * Reads the commands of a page: in each ```console block a line that begins with `$ ` is a command, lines that begin
 * with `> ` carry it on, and what follows is what it prints. Blocks marked `no-run` are left out.
 */
export function readSteps(page: string): Step[] {
  const steps: Step[] = []
  let inside = false
  for (const [index, text] of page.split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(text)
    if (fence) {
      inside = !inside && fence[1]!.trim() === 'console'
      continue
    }
    if (!inside) continue
    const last = steps.at(-1)
    if (text.startsWith('$ ')) steps.push({ command: text.slice(2), expected: [], line: index + 1 })
    else if (!last) throw new Error(`line ${index + 1}: output before the first command`)
    else if (/^>( |$)/.test(text) && last.expected.length === 0) last.command += `\n${text.slice(2)}`
    else last.expected.push(text)
  }
  return steps
}

/** What a placeholder stands for: one token of that shape and nothing more. */
const shapes: Record<string, string> = {
  id: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  hash: '(?:[0-9a-f]{32}){1,2}',
  key: 'qk_[0-9A-Za-z_]+',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?(?:Z|[+-]\\d\\d:\\d\\d)',
  date: '\\d{4}-\\d\\d-\\d\\d',
  number: '-?\\d+(?:\\.\\d+)?',
}

function matches(expected: string, printed: string): boolean {
  const open = expected.endsWith('…')
  const parts = (open ? expected.slice(0, -1) : expected).split(/<(id|hash|key|time|date|number)>/)
  const source = parts.map((part, index) => (index % 2 ? shapes[part]! : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${source.join('')}${open ? '.*' : ''}$`).test(printed)
}

/** The first difference between what the page says and what was printed, for people; null when there is none. */
export function difference(expected: string[], printed: string[]): string | null {
  for (let at = 0; at < Math.max(expected.length, printed.length); at++) {
    const [said, seen] = [expected[at], printed[at]]
    if (said !== undefined && seen !== undefined && matches(said, seen)) continue
    return `the page says: ${said ?? '(nothing more)'}\nit printed:    ${seen ?? '(nothing more)'}`
  }
  return null
}

/** Runs the steps in order in one bash, from the project's folder, and gives the lines that each printed. */
export async function runSteps(steps: Step[], env: Record<string, string>): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-docs-'))
  try {
    // Bash reads a script as it goes, so that a broken command leaves those before it told.
    const script = steps.map(({ command }) => `${command}\nprintf '\\001'\n`).join('')
    await writeFile(join(folder, 'page.sh'), `exec 2>&1\n${script}`)
    const bash = spawn('bash', [join(folder, 'page.sh')], {
      cwd: join(import.meta.dirname, '..', '..'),
      env: { ...process.env, npm_config_update_notifier: 'false', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 60_000,
    })
    let out = ''
    bash.stdout!.setEncoding('utf8').on('data', chunk => (out += chunk))
    await once(bash, 'close')
    return out.split('\u0001').map(printed => (printed === '' ? [] : printed.replace(/\n$/, '').split('\n')))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
