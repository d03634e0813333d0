import type { AdapterDeclaration } from "../ports/adapter_declaration.ts";
import type { DatabaseDeclaration } from "../ports/database_declaration.ts";
import type { QueueDeclaration } from "../ports/queue_declaration.ts";
import type { Values } from "../ports/setting.ts";

/**
 * The adapters of one kind by their names, and the one that is chosen where a configuration names
 * none.
 */
export interface Registered<Declaration extends AdapterDeclaration> {
  readonly declared: Readonly<Record<string, Declaration>>;
  readonly fallback: string;
}

/**
 * All that a configuration can choose from. Configuration knows no adapter: it is given what they
 * declare.
 */
export interface RegisteredAdapters {
  readonly databases: Registered<DatabaseDeclaration>;
  readonly queues: Registered<QueueDeclaration>;
}

/** The sections of adapters by their names, and the keys beside those. */
export type SectionsOf<Declared extends Readonly<Record<string, AdapterDeclaration>>> =
  & {
    readonly [
      Name in keyof Declared as keyof Declared[Name]["section"] extends never ? never : Name
    ]: Values<Declared[Name]["section"]>;
  }
  & Intersection<Values<NonNullable<Declared[keyof Declared]["beside"]>>>;

type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends
  (member: infer All) => void ? All : never;
