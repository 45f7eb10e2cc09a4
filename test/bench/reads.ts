import type { Stage } from './stage.ts'
export async function reads(_stage: Stage, _o?: unknown): Promise<void> {}
