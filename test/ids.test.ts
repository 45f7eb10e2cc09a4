import fc from 'fast-check'
import { v5 } from 'uuid'
import { expect, it } from 'vitest'
import { nameId } from '../src/ids.ts'

it('an id made of a name within an id is a UUID of version 5, as the package uuid makes it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), (name, within) => {
      expect(nameId(name, within)).toBe(v5(name, within))
      expect(nameId(name, within.toUpperCase())).toBe(v5(name, within))
    }),
  )
})
