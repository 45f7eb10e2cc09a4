import type { Stage } from './stage.ts'
export async function lists(_stage: Stage, _o?: unknown): Promise<void> {}
