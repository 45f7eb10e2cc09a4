import { defineConfig } from 'drizzle-kit'

/** Tables live in the schema.ts of their feature; functions, triggers and grants are hand-written migrations. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/**/schema.ts',
  out: './migrations',
})
