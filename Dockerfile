# syntax=docker/dockerfile:1

FROM node:26-slim AS build
WORKDIR /app
# Before the source, so that a change of code does not install the packages again.
COPY package.json package-lock.json ./
COPY scripts/node scripts/node
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY scripts scripts
COPY src src
# Searched by default: the build makes a snapshot of them.
COPY README.md ./
COPY docs docs
# The build copies ReDoc's one file to dist/assets, so /redoc needs no package that the second command removes.
RUN npm run build && npm prune --omit=dev --no-save

FROM node:26-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    DATABASE_URL=sqlite:/data/daybook.sqlite
WORKDIR /app
RUN install -d -o node -g node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
VOLUME /data
EXPOSE 8000
# A slim image has no curl. PORT may be set and empty, which means the default.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8000) + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Not through npm or a shell: SIGTERM must reach node, which then finishes what it has begun.
CMD ["node", "dist/main.js"]
