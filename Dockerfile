# syntax=docker/dockerfile:1

# Packages in a layer of their own, which changes only with the lock file. The base is named by its
# digest, too: a tag may come to mean another image.
FROM denoland/deno:2.9.6@sha256:2014dc167ece617ef7e7ba40631ac2234c59e75ce693e7cc2dc2602b3c87859d AS packages
WORKDIR /app
COPY deno.json deno.lock ./
RUN deno install --frozen

FROM denoland/deno:2.9.6@sha256:2014dc167ece617ef7e7ba40631ac2234c59e75ce693e7cc2dc2602b3c87859d
WORKDIR /app
COPY --from=packages /deno-dir /deno-dir
COPY --from=packages /app/node_modules ./node_modules
COPY . .
# Inside a container 127.0.0.1 is out of reach; all else as the defaults of config.yml, with SQLite
# and the file log on the volume.
COPY <<"YAML" config.yml
app: { host: 0.0.0.0, port: 8080, operator_token: "${OPERATOR_TOKEN:-}" }
YAML
# The code belongs to root; the service may write to data/ only. 1993 is the image's user "deno".
RUN install -d -o 1993 -g 1993 data
USER 1993:1993
VOLUME /app/data
EXPOSE 8080
STOPSIGNAL SIGTERM
# It may ask that one address, and nothing else.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["deno", "run", "--no-config", "--no-prompt", "--allow-net=127.0.0.1:8080", "data:text/javascript,const { ok } = await fetch('http://127.0.0.1:8080/readyz'); Deno.exit(ok ? 0 : 1)"]
# deno itself, not a task: a signal reaches the service, which drains and ends with 0. Without the
# task's --v8-flags=--no-lazy, which pays only where compiled code can be kept.
ENTRYPOINT ["deno", "run", "--cached-only", "--no-prompt", "--deny-run", "--deny-ffi", "--allow-net", "--allow-env=APP_*,DB_*,MYSQL_*,MARIADB_*,MQ_*,KAFKA_*,SHELFCAST_*,HOST,PORT,LOG_LEVEL,OPERATOR_TOKEN*,VISITOR_SECRET*,INIT_CWD", "--ignore-env", "--allow-read=.,/etc/shelfcast,/etc/ssl,/run/secrets", "--allow-write=data", "--allow-sys=statfs,uid,gid", "src/main.ts"]
