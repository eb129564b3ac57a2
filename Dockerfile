# The relay on Node, from this checkout: docker build -t form-sync .
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm run --silent pack -- /build/out
WORKDIR /app
RUN echo '{"private":true,"type":"module"}' >package.json && \
    npm install --ignore-scripts --no-audit --no-fund /build/out/form-sync-*.tgz pg@8

FROM node:24-bookworm-slim
ENV NODE_ENV=production FORM_SYNC_DATA=/var/lib/form-sync FORM_SYNC_FORMS=/etc/form-sync/forms.json PORT=8787
WORKDIR /app
COPY --from=build /app /app
RUN mkdir -p /var/lib/form-sync && chown node:node /var/lib/form-sync
USER node
VOLUME /var/lib/form-sync
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Without npm or a shell before it: node is process 1 and gets SIGTERM.
CMD ["node", "node_modules/form-sync/dist/node/form-sync.js", "serve"]
