import type { Stage } from './stage.ts'
export async function memory(_stage: Stage, _o?: unknown): Promise<void> {}
