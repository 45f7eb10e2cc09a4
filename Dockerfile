# The service for a PostgreSQL given by DATABASE_URL; without one it keeps the embedded PostgreSQL in /data.
FROM node:24-bookworm-slim

ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app

COPY package.json package-lock.json ./
COPY client ./client
RUN npm ci --omit=dev && npm cache clean --force

COPY migrations ./migrations
COPY src ./src

RUN install --directory --owner=node --group=node /data
USER node
VOLUME /data
EXPOSE 3000

# Whether the process is up. Whether it reaches its database is at /ready: a restart would not mend that.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# Node itself and not npm, so that signals reach the service.
CMD ["node", "src/main.ts"]
