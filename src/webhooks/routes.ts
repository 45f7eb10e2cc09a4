import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { App } from '../http/openapi.ts'
import type { Parts } from '../savings/parts.ts'
import { deliveryRoutes } from './deliveries/delivery-routes.ts'
import { watchDeliveries } from './deliveries/metrics.ts'
import { openDeliveries } from './deliveries/work.ts'
import { allowedAddresses, resolveName } from './sending/addresses.ts'
import { sender } from './sending/send.ts'
import { webhookRoutes } from './webhook-routes.ts'

/** As Standard Webhooks advises. */
const timeoutMs = 15_000

/** Webhooks: their routes, and their deliveries for as long as the service runs. */
export function openWebhooks(
  app: App,
  parts: Parts,
  { privateAddresses, log, metrics }: { privateAddresses: readonly string[]; log: Logger; metrics: Registry },
): void {
  const { db, clock, identityKey } = parts
  const allowed = allowedAddresses(privateAddresses)
  webhookRoutes(app, { ...parts, allowed })
  deliveryRoutes(app, { ...parts, allowed })
  const deliveries = openDeliveries({
    ...{ db, clock, identityKey },
    send: sender({ allowed, resolve: resolveName, timeoutMs }),
    watch: watchDeliveries(metrics, log, db, clock),
    onFault: error => log.error({ err: error }, 'webhooks were not looked at'),
  })
  app.addHook('preClose', () => deliveries.stop())
}
