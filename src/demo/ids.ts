import { nameId } from '../ids.ts'

/** The demo's own namespace: ids made under it are nobody else's. */
const namespace = '0bfec710-dfc5-543d-a866-b53dd7a99c11'

/**
 * The id of a thing of the demo, computed from what it is called, so that a second run says the same things again under
 * the same ids and nothing happens twice. Never from a DNI: whoever tries all eight digits would find it.
 */
export function idOf(kind: string, ...names: string[]): string {
  return nameId([kind, ...names].join(' '), namespace)
}
