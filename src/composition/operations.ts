/** What operators and audits look through, apart from the running shop. */
import type { DatabaseName } from "../../adapters/database/registry.ts";
import { queueAdapters } from "../../adapters/queue/registry.ts";
import type { OpenCluster, Probe } from "../cli/doctor_services.ts";
import { lookAtLog, lookAtTopic, memoryProbe } from "../cli/queue_probes.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLedger } from "../ports/event_ledger.ts";
import type { LogTools } from "../ports/log_tools.ts";
import type { AuditedLog } from "../use_cases/audit_ledger.ts";
import { isBuffered, requiredGroups } from "./event_path.ts";
import { cluster } from "./queues.ts";

/** The tools of the one adapter that keeps a log in files of its own, whatever `mq.adapter` names. */
export async function openLogTools(directory: string, clock: Clock): Promise<LogTools> {
  const { openFileLogTools } = await import("../../adapters/queue/file_log/operate/log_tools.ts");
  return await openFileLogTools({ directory, clock });
}

/** The ledger of the one adapter that keeps one, whatever `mq.adapter` names. */
export async function openLedger(directory: string, clock: Clock): Promise<EventLedger> {
  const { openFileLogLedger } = await import("../../adapters/queue/file_log/operate/log_ledger.ts");
  return openFileLogLedger({ directory, clock });
}

/** What the brokers of the configuration hold, whatever `mq.adapter` names, for reading. */
export async function openCluster({ mq }: Config, clock: Clock): Promise<OpenCluster> {
  const { openKafkaLog } = await queueAdapters.kafka();
  const { readTopicExtent } = await import("../../adapters/queue/kafka/topic_extent.ts");
  const options = { ...cluster(mq), topicPolicy: "never", clock } as const;
  return {
    source: await openKafkaLog(options),
    readExtent: (topic) => readTopicExtent(options, topic),
  };
}

/** The log that this process publishes to and whose ledger lasts; undefined where it keeps none. */
export async function auditedLog({ mq }: Config, clock: Clock): Promise<AuditedLog | undefined> {
  if (mq.adapter !== "file" && !isBuffered(mq)) return undefined;
  const ledger = await openLedger(mq.file.directory, clock);
  return { ledger, topic: mq.topic, groups: requiredGroups(mq) };
}

const databaseProbes: Record<DatabaseName, (db: Config["db"]) => Promise<string>> = {
  async sqlite({ sqlite }) {
    const { probeSqlite } = await import("../../adapters/database/sqlite/probe_sqlite.ts");
    return await probeSqlite(sqlite.file);
  },
  async mysql({ host, port, user, password, database }) {
    const { probeMysql } = await import("../../adapters/database/mysql/probe_mysql.ts");
    return await probeMysql({ host, port, user, password, database });
  },
};

/** What a shop of this configuration needs to reach; looking changes nothing. */
export function probes(config: Config, clock: Clock): readonly Probe[] {
  const { db, mq } = config;
  const usesFiles = mq.adapter === "file" || isBuffered(mq);
  return [
    { name: "database", run: () => databaseProbes[db.driver](db) },
    ...mq.adapter === "memory" ? [memoryProbe] : [],
    ...usesFiles
      ? [{
        name: "file log",
        run: async () => await lookAtLog(await openLogTools(mq.file.directory, clock), mq),
      }]
      : [],
    ...mq.adapter === "kafka"
      ? [{
        name: "brokers",
        run: async () => await lookAtTopic(await openCluster(config, clock), mq),
      }]
      : [],
  ];
}
