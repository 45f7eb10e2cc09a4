import { z } from 'zod'
import type { Db } from '../db/client.ts'
import type { App } from '../http/openapi.ts'
import { problems } from '../http/problems.ts'
import { publicKeys } from './keys.ts'
import { jwkOf, publicJwk, type Signer } from './signing.ts'

const keySet = z.object({ keys: z.array(publicJwk) }).meta({ id: 'PublicKeySet' })

/** The keys by which anybody checks what this service signed, without asking it. */
export function signingRoutes(app: App, db: Db, signer: Signer): void {
  app.route({
    method: 'GET',
    url: '/.well-known/jwks.json',
    schema: {
      operationId: 'getSigningKeys',
      tags: ['Audit'],
      summary: 'The public keys that receipts, seals and releases are signed by, for anybody',
      description: 'A JWK set (RFC 7517) of Ed25519 keys. Keep a copy from a time when you had no doubt.',
      response: {
        200: keySet,
        ...problems(
          'service-stopping',
          'request-invalid',
          'address-too-long',
          'overloaded',
          'database-unavailable',
          'internal-fault',
        ),
      },
    },
    handler: async () => ({ keys: (await publicKeys(db, signer)).map(jwkOf) }),
  })
}
