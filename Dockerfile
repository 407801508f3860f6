# One node of the classroom. With DATABASE_URL and REDIS_URL it keeps nothing of its own; see docker-compose.yml.
FROM node:22-bookworm-slim

ENV NODE_ENV=production PORT=8080
WORKDIR /app
RUN chown node:node /app
USER node

COPY --chown=node:node package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

COPY --chown=node:node . .
# A start builds again what its sources' times say is stale, and an image keeps whole seconds only.
RUN find . -path ./node_modules -prune -o -type f -exec touch --date=today {} + && node scripts/build.mjs

EXPOSE 8080
# It belongs to the account of the server only if it is there before it becomes a volume.
RUN mkdir -p data
VOLUME /app/data
HEALTHCHECK --interval=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://localhost:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1))"]
# `node` itself, not npm: it is the one that hears the order to stop.
CMD ["node", "scripts/handshake.mjs"]
