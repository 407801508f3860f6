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
VOLUME /app/data
# `node` itself, not npm: it is the one that hears the order to stop.
CMD ["node", "scripts/handshake.mjs"]
